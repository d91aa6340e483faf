namespace Vmm.Testing.Emulation.Vfio;

/// <summary>An eventfd: the descriptor is all there is.</summary>
internal sealed class EventFile : OpenFile
{
    public override string Path => "eventfd";

    /// <summary>True after the descriptor is closed: its number may be somebody else's by now, and nobody hears a signal.</summary>
    public bool IsClosed { get; private set; }

    protected override void Close() => IsClosed = true;
}
