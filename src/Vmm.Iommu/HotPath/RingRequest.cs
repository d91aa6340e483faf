namespace Vmm.Iommu.HotPath;

/// <summary>Work that stands in a ring's order and may take long: executed or refused once, by the holder of the turn.</summary>
internal abstract class RingRequest
{
    /// <summary>True where a caller waits at the slot; false where nobody needs the slot once the request is taken out of it.</summary>
    public virtual bool IsAwaited => false;

    public abstract void Execute(ContainerTurn turn);

    public abstract void RefuseClosed();
}
