using Vmm.Iommu.Addressing;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;
using Vmm.Testing.Emulation;

namespace Vmm.Testing.Tests.Emulation;

public sealed class DmaTests : IDisposable
{
    private const ulong Page = 0x1000;
    private readonly Rig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void Bytes_cross_mappings_that_touch_and_stop_at_a_hole()
    {
        var (container, _) = _rig.Ready(1);
        var memory = _rig.Memory(4 * Page);
        Assert.Equal(Errno.None, _rig.Map(container, Rig.ReadWrite, memory + (2 * Page), 0, Page));
        Assert.Equal(Errno.None, _rig.Map(container, Rig.ReadWrite, memory, Page, Page));
        var data = new byte[0x30];
        data.AsSpan().Fill(0xa5);

        Assert.Equal(new DmaOutcome(DmaFault.None, new(Page - 0x10), 0x30), _rig.Kernel.DmaWrite(Rig.NetworkCard, new(Page - 0x10), data));
        Assert.Equal(0xa5, Rig.Bytes(memory + (3 * Page) - 0x10, 1)[0]);
        Assert.Equal(0xa5, Rig.Bytes(memory + 0x1f, 1)[0]);
        Assert.Equal(0, Rig.Bytes(memory + 0x20, 1)[0]);
        Assert.Equal(new DmaOutcome(DmaFault.NotMapped, new(2 * Page), 0x10), _rig.Kernel.DmaWrite(Rig.NetworkCard, new((2 * Page) - 0x10), data));
        var back = new byte[0x30];
        Assert.True(_rig.Kernel.DmaRead(Rig.NetworkCard, new(Page - 0x10), back).IsCompleted);
        Assert.Equal(data, back);
    }

    [Theory]
    [InlineData(VfioUapi.MapRead, DmaFault.None, DmaFault.NoWriteAccess)]
    [InlineData(VfioUapi.MapWrite, DmaFault.NoReadAccess, DmaFault.None)]
    public void Access_is_what_the_mapping_allows(uint flags, DmaFault read, DmaFault write)
    {
        var (container, _) = _rig.Ready(1);
        Assert.Equal(Errno.None, _rig.Map(container, flags, _rig.Memory(Page), 0, Page));
        Assert.Equal(read, _rig.Kernel.DmaRead(Rig.NetworkCard, new(0), new byte[4]).Fault);
        Assert.Equal(write, _rig.Kernel.DmaWrite(Rig.NetworkCard, new(0), new byte[4]).Fault);
    }

    [Fact]
    public void A_group_is_the_kernels_then_blocked_then_translated_then_the_kernels_again()
    {
        var group = _rig.Group(1);
        Assert.Equal(DmaFault.NotAssigned, Touch());
        var container = _rig.Container();
        Assert.Equal(Errno.None, _rig.SetContainer(group, container));
        Assert.Equal(DmaFault.Blocked, Touch());
        Assert.Equal(Errno.None, _rig.SetIommu(container, VfioUapi.Type1V2));
        Assert.Equal(DmaFault.NotMapped, Touch());
        Assert.Equal(Errno.None, _rig.Map(container, Rig.ReadWrite, _rig.Memory(Page), 0, Page));
        Assert.Equal(DmaFault.None, Touch());
        Assert.Equal(DmaFault.InterruptWindow, _rig.Kernel.DmaWrite(Rig.NetworkCard, new(0xfee0_0000), new byte[4]).Fault);
        Assert.Equal(Errno.None, _rig.UnsetContainer(group));
        Assert.Equal(DmaFault.NotAssigned, Touch());

        DmaFault Touch() => _rig.Kernel.DmaWrite(Rig.NetworkCard, new(0), "x"u8).Fault;
    }

    [Fact]
    public void Memory_that_was_unmapped_while_pinned_still_takes_the_bytes()
    {
        var (container, _) = _rig.Ready(1);
        var address = new HostAddress((ulong)Rig.Good(_rig.Kernel.Map(Page, MappingProtection.ReadWrite, MappingSharing.Anonymous, -1, 0)).Value);
        Assert.Equal(Errno.None, _rig.Map(container, Rig.ReadWrite, address.Value, 0, Page));
        Rig.Good(_rig.Kernel.Unmap(address, Page));
        Assert.Equal(0, _rig.Kernel.Census().LiveMappings);
        Assert.True(_rig.Kernel.DmaWrite(Rig.NetworkCard, new(0), "late"u8).IsCompleted);
        Assert.Equal(Errno.EFAULT, _rig.Map(container, Rig.ReadWrite, address.Value, Page, Page));
        Assert.Equal((Errno.None, Page), _rig.Unmap(container, 0, 0, Page));
    }

    [Fact]
    public void A_declared_address_is_never_followed()
    {
        _rig.Kernel.Declare(new HostAddress(0x1000), Page, AddressKind.Ram);
        var (container, _) = _rig.Ready(1);
        Assert.Equal(Errno.None, _rig.Map(container, Rig.ReadWrite, 0x1000, 0, Page));
        Assert.Equal(DmaFault.NoMemoryBehind, _rig.Kernel.DmaWrite(Rig.NetworkCard, new(0), "x"u8).Fault);
        Assert.Equal(DmaFault.NoMemoryBehind, _rig.Kernel.DmaRead(Rig.NetworkCard, new(0), new byte[1]).Fault);
    }

    [Fact]
    public void A_mediated_device_goes_through_the_process_and_needs_read_for_a_write()
    {
        var (container, _) = _rig.Ready(7);
        var memory = _rig.Memory(Page);
        Assert.Equal(Errno.None, _rig.Map(container, Rig.ReadWrite, memory, 0, Page));
        Assert.Equal(Errno.None, _rig.Map(container, VfioUapi.MapWrite, memory, Page, Page));
        Assert.Equal(Errno.None, _rig.Map(container, Rig.ReadWrite, 0xdead_0000, 2 * Page, Page));
        Assert.True(_rig.Kernel.DmaWrite(Rig.Mediated, new(8), "mdev"u8).IsCompleted);
        Assert.Equal("mdev"u8, Rig.Bytes(memory + 8, 4));
        Assert.Equal(DmaFault.NoReadAccess, _rig.Kernel.DmaWrite(Rig.Mediated, new(Page), "x"u8).Fault);
        Assert.Equal(DmaFault.NoMemoryBehind, _rig.Kernel.DmaWrite(Rig.Mediated, new(2 * Page), "x"u8).Fault);
        Assert.Equal(0UL, _rig.Kernel.Census().PinnedPages);
    }

    [Fact]
    public void A_tebibyte_of_sparse_memory_is_mapped_and_reached_at_its_end()
    {
        var (container, _) = _rig.Ready(1);
        var ram = RamBlock.Allocate(_rig.Kernel, "huge", 1UL << 40);
        Assert.Equal(Errno.None, _rig.Map(container, Rig.ReadWrite, ram.Address.Value, 0x1_0000_0000, 1UL << 40));
        Assert.True(_rig.Kernel.DmaWrite(Rig.NetworkCard, new((1UL << 40) + 0x1_0000_0000 - 4), "last"u8).IsCompleted);
        Assert.Equal("last"u8, ram.Bytes((1UL << 40) - 4, 4));
        Assert.Equal((Errno.None, 1UL << 40), _rig.Unmap(container, VfioUapi.UnmapFlagAll, 0, 0));
        ram.Retire();
        Assert.Equal(0, _rig.Kernel.Census().LiveMappings);
    }

    [Fact]
    public void Pages_past_the_end_of_a_file_cannot_be_pinned()
    {
        var (container, _) = _rig.Ready(1);
        var file = Rig.Good(_rig.Kernel.CreateMemfd("short", Page)).Descriptor;
        var address = new HostAddress((ulong)Rig.Good(_rig.Kernel.Map(4 * Page, MappingProtection.ReadWrite, MappingSharing.Shared, file, 0)).Value);
        Assert.Equal(Errno.EFAULT, _rig.Map(container, Rig.ReadWrite, address.Value, 0, 2 * Page));
        Assert.Equal(Errno.None, _rig.Map(container, Rig.ReadWrite, address.Value, 0, Page));
        Assert.Equal(1, _rig.Kernel.Census().LiveMappings);
        Rig.Good(_rig.Kernel.Unmap(address, 4 * Page));
        Rig.Good(_rig.Kernel.CloseMemfd(file));
    }
}
