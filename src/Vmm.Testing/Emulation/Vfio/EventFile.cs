namespace Vmm.Testing.Emulation.Vfio;

/// <summary>An eventfd: the descriptor is all there is.</summary>
internal sealed class EventFile : OpenFile
{
    public override string Path => "eventfd";

    public override void Close()
    {
    }
}
