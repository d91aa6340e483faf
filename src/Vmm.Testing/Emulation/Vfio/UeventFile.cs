namespace Vmm.Testing.Emulation.Vfio;

/// <summary>A listener to uevents.</summary>
internal sealed class UeventFile(UeventHub hub, UeventQueue queue) : OpenFile
{
    public override string Path => "uevent";

    public UeventQueue Queue => queue;

    protected override void Close() => hub.Remove(queue);
}
