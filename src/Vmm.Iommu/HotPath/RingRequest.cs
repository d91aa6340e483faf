namespace Vmm.Iommu.HotPath;

/// <summary>A place in a ring's order: executed or refused once, by the holder of the turn.</summary>
internal abstract class RingRequest
{
    public abstract void Execute(ContainerTurn turn);

    public abstract void RefuseClosed();
}

/// <summary>Work with an answer, and who hears it.</summary>
internal sealed class RingRequest<T>(Func<ContainerTurn, T> work, Action<RingResult<T>> completed) : RingRequest
{
    public override void Execute(ContainerTurn turn) => completed(RingResults.Of(work, turn));

    public override void RefuseClosed() => completed(RingResults.Closed<T>());
}
