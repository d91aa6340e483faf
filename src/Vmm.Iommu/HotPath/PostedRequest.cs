namespace Vmm.Iommu.HotPath;

/// <summary>Work with an answer, and who hears it.</summary>
internal sealed class PostedRequest<T>(Func<ContainerTurn, T> work, Action<RingResult<T>> completed) : RingRequest
{
    public override void Execute(ContainerTurn turn) => completed(RingResults.Of(work, turn));

    public override void RefuseClosed() => completed(RingResults.Closed<T>());
}
