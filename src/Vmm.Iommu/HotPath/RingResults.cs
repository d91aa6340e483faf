namespace Vmm.Iommu.HotPath;

/// <summary>Makes results of work.</summary>
internal static class RingResults
{
    public static RingResult<T> Closed<T>() => new(RingStatus.Closed, default, Fault: null);

    /// <summary>Executes work; what it throws becomes its result, so that one request's fault is nobody else's.</summary>
    public static RingResult<T> Of<T>(Func<ContainerTurn, T> work, ContainerTurn turn)
    {
        try
        {
            return new RingResult<T>(RingStatus.Done, work(turn), Fault: null);
        }
        catch (Exception fault)
        {
            return new RingResult<T>(RingStatus.Faulted, default, fault);
        }
    }
}
