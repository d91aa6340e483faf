using Vmm.Iommu.Addressing;
using Vmm.Iommu.Containers;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Results;

namespace Vmm.Benchmarks;

/// <summary>
/// A type1 container over a descriptor whose driver knows no ioctl: each call goes into the kernel and comes back at once with
/// ENOTTY, which is taken for success. What is left of a measurement is the call itself and what is ours.
/// </summary>
internal sealed class NoOpContainer : IDmaContainer
{
    private readonly LinuxKernel _kernel = new();

    public NoOpContainer()
    {
        var opened = _kernel.Open("/dev/null");
        Descriptor = opened.IsOk ? (int)opened.Value : throw new InvalidOperationException($"/dev/null cannot be opened: {opened.Errno}");
    }

    public ContainerKind Kind => ContainerKind.Type1V2;

    public int Descriptor { get; }

    public SysResult Map(IovaRange range, HostAddress address, DmaAccess access) => Taken(VfioCalls.IommuMapDma(_kernel, Descriptor, range, address, access));

    public SysResult Unmap(IovaRange range, out ulong unmapped)
    {
        var answer = Taken(VfioCalls.IommuUnmapDma(_kernel, Descriptor, range, out _));
        unmapped = (ulong)range.Length;
        return answer;
    }

    public SysResult UnmapAll(out ulong unmapped) => Unmap(IovaRange.All, out unmapped);

    public SysResult<ContainerInfo> GetInfo() => new ContainerInfo(ValidIovaRanges.All, PageSizes.FourKiB, EntriesLeft: null);

    public SysResult Attach(IContainerMember member) => SysResult.Ok;

    public SysResult Detach(IContainerMember member) => SysResult.Ok;

    public SysResult Close() => _kernel.Close(Descriptor);

    private static SysResult Taken(SysResult answer) => answer.Errno == Errno.ENOTTY ? SysResult.Ok : answer;
}
