using Vmm.Iommu.Addressing;
using Vmm.Iommu.Containers;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.Results;

namespace Vmm.Benchmarks;

/// <summary>A container that counts its maps and unmaps.</summary>
/// <param name="inner">Who does them.</param>
internal sealed class CountingContainer(IDmaContainer inner) : IDmaContainer
{
    /// <summary>Maps and unmaps so far.</summary>
    public long Calls { get; private set; }

    public ContainerKind Kind => inner.Kind;

    public int Descriptor => inner.Descriptor;

    public SysResult Map(IovaRange range, HostAddress address, DmaAccess access)
    {
        Calls++;
        return inner.Map(range, address, access);
    }

    public SysResult Map(IovaRange range, RamBlock block, ulong offset, DmaAccess access)
    {
        Calls++;
        return inner.Map(range, block, offset, access);
    }

    public SysResult Unmap(IovaRange range, out ulong unmapped)
    {
        Calls++;
        return inner.Unmap(range, out unmapped);
    }

    public SysResult UnmapAll(out ulong unmapped)
    {
        Calls++;
        return inner.UnmapAll(out unmapped);
    }

    public SysResult<ContainerInfo> GetInfo() => inner.GetInfo();

    public SysResult Attach(IContainerMember member) => inner.Attach(member);

    public SysResult Detach(IContainerMember member) => inner.Detach(member);

    public SysResult Close() => inner.Close();
}
