namespace Vmm.Iommu.HotPath;

/// <summary>What stands in a ring's order: executed or refused once, by the holder of the turn.</summary>
internal abstract class RingRequest
{
    public abstract void Execute(ContainerTurn turn);

    public abstract void RefuseClosed();
}
