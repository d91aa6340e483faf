using System.Diagnostics;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.Containers;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Results;

namespace Vmm.Benchmarks;

/// <summary>A container whose map takes as long as a kernel takes to pin what is mapped: a processor is busy, nothing sleeps.</summary>
/// <param name="ofSlice">For 64 MiB; less in proportion.</param>
internal sealed class PinningContainer(TimeSpan ofSlice) : IDmaContainer
{
    private const double Slice = 64 << 20;

    public ContainerKind Kind => ContainerKind.Type1V2;

    public int Descriptor => -1;

    public SysResult Map(IovaRange range, HostAddress address, DmaAccess access)
    {
        var end = Stopwatch.GetTimestamp() + (long)((double)range.Length / Slice * ofSlice.TotalSeconds * Stopwatch.Frequency);
        while (Stopwatch.GetTimestamp() < end)
        {
            Thread.SpinWait(1);
        }

        return SysResult.Ok;
    }

    public SysResult Unmap(IovaRange range, out ulong unmapped)
    {
        unmapped = (ulong)range.Length;
        return SysResult.Ok;
    }

    public SysResult UnmapAll(out ulong unmapped) => Unmap(IovaRange.All, out unmapped);

    public SysResult<ContainerInfo> GetInfo() => new ContainerInfo(ValidIovaRanges.All, PageSizes.FourKiB, EntriesLeft: null);

    public SysResult Attach(IContainerMember member) => SysResult.Ok;

    public SysResult Detach(IContainerMember member) => SysResult.Ok;

    public SysResult Close() => SysResult.Ok;
}
