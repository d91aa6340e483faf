namespace Vmm.Iommu.HotPath;

/// <summary>Work whose caller waits at its slot for the answer.</summary>
internal sealed class AnsweredRequest<T>(Func<ContainerTurn, T> work) : RingRequest
{
    public override bool IsAwaited => true;

    /// <summary>The answer; there when the slot is done.</summary>
    public RingResult<T> Result { get; private set; }

    public override void Execute(ContainerTurn turn) => Result = RingResults.Of(work, turn);

    public override void RefuseClosed() => Result = RingResults.Closed<T>();
}
