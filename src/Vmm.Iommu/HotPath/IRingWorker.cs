namespace Vmm.Iommu.HotPath;

/// <summary>Who executes a ring's requests when no caller does it itself. Disposing stops it: what is queued by then is executed first.</summary>
public interface IRingWorker : IAsyncDisposable
{
    /// <summary>
    /// True while it gets on beside the callers, as a thread does: a caller then leaves to it what may take long. False where
    /// nothing is executed but by whoever calls: a caller that waits then executes all that is in front of it.
    /// </summary>
    bool IsBesideCallers { get; }

    /// <summary>
    /// There is something to do and nobody has the turn: <see cref="ContainerRing.ExecuteNext"/> is to be called until it
    /// answers false. Called by any thread, with no lock held; must not block and must not execute anything itself.
    /// </summary>
    void Wake();
}
