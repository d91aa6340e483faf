using System.Buffers.Binary;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;
using Vmm.Testing.Emulation;

namespace Vmm.Testing.Tests.Emulation;

public sealed class Type1MapTests : IDisposable
{
    private const ulong Address = 0x7000_0000_0000;
    private const ulong Page = 0x1000;
    private readonly Rig _rig = new();

    /// <summary>Flags, address, IOVA, size, errno; each row breaks one rule and all that come after it that it can.</summary>
    public static TheoryData<uint, ulong, ulong, ulong, int> Checks => new()
    {
        { 8, Address, 0, 0, 22 },
        { 7, Address, ulong.MaxValue, 0, 22 },
        { 7, Address, ulong.MaxValue - Page + 1, 2 * Page, 75 },
        { 7, ulong.MaxValue - Page + 1, 0, 2 * Page, 75 },
        { 0, Address, 1, Page, 22 },
        { 7, Address, 0, Page, 22 },
        { 5, Address, 0, Page, 22 },
        { 3, Address, 0x10_0001, Page, 22 },
        { 3, Address, 0x10_0000, Page + 1, 22 },
        { 3, Address + 1, 0x10_0000, Page, 22 },
        { 4, Address, 0x50_0000, Page, 2 },
        { 4, Address, 0x10_0000, Page, 22 },
        { 3, 0xdead_0000, 0x10_0000, Page, 17 },
        { 3, 0xdead_0000, 0xf_f000, 2 * Page, 17 },
        { 3, 0xdead_0000, 0xfee0_0000, Page, 22 },
        { 3, 0xdead_0000, 0xfedf_f000, 2 * Page, 22 },
        { 3, 0xdead_0000, 0x1_0000_0000_0000, Page, 22 },
        { 3, 0xdead_0000, ulong.MaxValue - Page + 1, Page, 22 },
        { 3, 0xdead_0000, 0x20_0000, Page, 14 },
        { 3, Address, 0x20_0000, 0x40_0000, 14 },
        { 2, Address + 0x10_0000, 0x20_0000, Page, 14 },
        { 3, Address + 0x20_0000, 0x20_0000, Page, 14 },
        { 1, Address + 0x10_0000, 0x20_0000, Page, 0 },
        { 3, Address, 0x20_0000, Page, 0 },
        { 3, Address, 0xfedf_f000, Page, 0 },
        { 3, Address, 0xffff_ffff_f000, Page, 0 },
    };

    public void Dispose() => _rig.Dispose();

    [Theory]
    [MemberData(nameof(Checks))]
    [Trait("Requirement", "R0.3")]
    [Trait("Requirement", "R1.1")]
    public void Map_checks_in_the_kernels_order(uint flags, ulong address, ulong iova, ulong size, int errno)
    {
        Declare();
        var (container, _) = _rig.Ready(1);
        Assert.Equal(Errno.None, _rig.Map(container, Rig.ReadWrite, Address, 0x10_0000, 2 * Page));
        var before = _rig.Kernel.Census();

        Assert.Equal(errno, _rig.Map(container, flags, address, iova, size).Number);
        if (errno != 0)
        {
            Assert.Equal((before.PinnedPages, before.LockedPages), (_rig.Kernel.Census().PinnedPages, _rig.Kernel.Census().LockedPages));
            Assert.Equal(before.Mappings, _rig.Kernel.Census().Mappings);
        }
    }

    [Fact]
    public void A_struct_that_is_short_or_not_there_is_told_apart()
    {
        var (container, _) = _rig.Ready(1);
        Assert.Equal(Errno.EFAULT, _rig.Kernel.Ioctl(container, VfioUapi.IommuMapDma, 0xdead_0000UL).Errno);
        var bytes = Rig.Struct(32, Rig.ReadWrite, 0, 0, Page);
        bytes[0] = 31;
        Assert.Equal(Errno.EINVAL, _rig.Kernel.Ioctl(container, VfioUapi.IommuMapDma, bytes).Errno);
        bytes[0] = 33;
        Assert.Equal(Errno.EFAULT, _rig.Kernel.Ioctl(container, VfioUapi.IommuMapDma, bytes).Errno);
    }

    [Fact]
    public void A_larger_struct_is_accepted_and_nothing_is_written_back()
    {
        Declare();
        var (container, _) = _rig.Ready(1);
        var bytes = Rig.Struct(64, Rig.ReadWrite, Address, 0, Page, 0xaaaa, 0xbbbb);
        var copy = bytes.ToArray();
        Rig.Good(_rig.Kernel.Ioctl(container, VfioUapi.IommuMapDma, bytes));
        Assert.Equal(copy, bytes);
    }

    [Fact]
    [Trait("Requirement", "R2.7")]
    public void A_mediated_container_takes_anything_anywhere()
    {
        var (container, _) = _rig.Ready(7);
        Assert.Equal(Errno.None, _rig.Map(container, Rig.ReadWrite, 0xdead_0000, 0xfee0_0000, Page));
        Assert.Equal(Errno.None, _rig.Map(container, Rig.ReadWrite, 0xdead_0000, ulong.MaxValue - Page + 1, Page));
        Assert.Equal(Errno.EEXIST, _rig.Map(container, Rig.ReadWrite, 0xdead_0000, 0xfee0_0000, Page));
        Assert.Equal(0UL, _rig.Kernel.Census().PinnedPages);
        Assert.Null(_rig.Windows(container));
        Assert.Equal((Errno.None, 2 * Page), _rig.Unmap(container, VfioUapi.UnmapFlagAll, 0, 0));
    }

    [Fact]
    public void The_entry_limit_is_read_when_the_backend_opens()
    {
        Declare();
        _rig.Kernel.Options.DmaEntryLimit = 2;
        var (container, _) = _rig.Ready(1);
        _rig.Kernel.Options.DmaEntryLimit = 100;
        Assert.Equal(Errno.None, _rig.Map(container, 3, Address, 0, Page));
        Assert.Equal(Errno.None, _rig.Map(container, 3, Address, Page, Page));
        Assert.Equal(0u, Available(container));
        Assert.Equal(Errno.EEXIST, _rig.Map(container, 3, Address, Page, Page));
        Assert.Equal(Errno.ENOSPC, _rig.Map(container, 3, Address, 2 * Page, Page));
        Assert.Equal(Errno.ENOSPC, _rig.Map(container, 3, 0xdead_0000, 0xfee0_0000, Page));
        Assert.Equal((Errno.None, Page), _rig.Unmap(container, 0, 0, Page));
        Assert.Equal(1u, Available(container));
    }

    [Fact]
    public void A_failed_map_gives_its_credit_back()
    {
        var (container, _) = _rig.Ready(1);
        Assert.Equal(Errno.EFAULT, _rig.Map(container, 3, 0xdead_0000, 0, Page));
        Assert.Equal(65535u, Available(container));
    }

    [Theory]
    [InlineData(16, false, 0)]
    [InlineData(15, false, 12)]
    [InlineData(15, true, 0)]
    public void Locked_memory_may_reach_its_limit_and_not_pass_it(ulong limitInPages, bool hasIpcLock, int errno)
    {
        Declare();
        _rig.Kernel.Options.MemlockLimit = limitInPages * Page;
        _rig.Kernel.Options.HasIpcLock = hasIpcLock;
        var (container, _) = _rig.Ready(1);
        Assert.Equal(errno, _rig.Map(container, 3, Address, 0, 16 * Page).Number);
        Assert.Equal(errno == 0 ? 16UL : 0, _rig.Kernel.Census().LockedPages);
    }

    [Fact]
    public void A_limit_that_is_reached_before_a_bad_address_answers_first()
    {
        Declare();
        _rig.Kernel.Options.MemlockLimit = 4 * Page;
        var (container, _) = _rig.Ready(1);
        var hole = Address + 0x20_0000;
        Assert.Equal(Errno.ENOMEM, _rig.Map(container, 1, hole - (8 * Page), 0, 16 * Page));
        Assert.Equal(Errno.EFAULT, _rig.Map(container, 1, hole - (4 * Page), 0, 16 * Page));
    }

    [Fact]
    public void A_page_that_is_mapped_twice_is_charged_twice_and_a_bar_never()
    {
        Declare();
        _rig.Kernel.Declare(new HostAddress(0x6000_0000_0000), 16 * Page, AddressKind.PfnMap);
        var (container, _) = _rig.Ready(1);
        Assert.Equal(Errno.None, _rig.Map(container, 3, Address, 0, Page));
        Assert.Equal(Errno.None, _rig.Map(container, 3, Address, Page, Page));
        Assert.Equal(Errno.None, _rig.Map(container, 3, 0x6000_0000_0000, 2 * Page, 16 * Page));
        Assert.Equal((2UL, 18UL), (_rig.Kernel.Census().LockedPages, _rig.Kernel.Census().PinnedPages));
    }

    [Fact]
    public void Sixty_five_thousand_maps_fit_and_one_more_does_not()
    {
        Declare();
        var (container, _) = _rig.Ready(1);
        for (var index = 0UL; index < 65535; index++)
        {
            Assert.Equal(Errno.None, _rig.Map(container, 3, Address, 0x1_0000_0000 + (index * Page), Page));
        }

        Assert.Equal(Errno.ENOSPC, _rig.Map(container, 3, Address, 0, Page));
        Assert.Equal((Errno.None, 65535 * Page), _rig.Unmap(container, VfioUapi.UnmapFlagAll, 0, 0));
    }

    private uint Available(int container) => BinaryPrimitives.ReadUInt32LittleEndian(_rig.Info(container).AsSpan(64));

    /// <summary>1 MiB of RAM, 1 MiB that can only be read, then 1 MiB that is not there.</summary>
    private void Declare()
    {
        _rig.Kernel.Declare(new HostAddress(Address), 0x10_0000, AddressKind.Ram);
        _rig.Kernel.Declare(new HostAddress(Address + 0x10_0000), 0x10_0000, AddressKind.ReadOnly);
        _rig.Kernel.Declare(new HostAddress(Address + 0x20_0000), 0x10_0000, AddressKind.Absent);
    }
}
