using Vmm.Iommu.Addressing;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;
using Vmm.Testing.Emulation;

namespace Vmm.Testing.Tests.Emulation.Iommufd;

public sealed class IoasMapTests
{
    private const ulong Page = IommufdRig.Page;
    private const ulong Max = ulong.MaxValue;
    private const ulong Address = 0x7000_0000_0000;

    /// <summary>Flags, IOAS, reserved, address, length, IOVA, errno: each check with what comes after it wrong as well.</summary>
    public static TheoryData<uint, uint, uint, ulong, ulong, ulong, int> Checks => new()
    {
        { 12, 9, 0, Max, Max, Max, 95 },
        { 0, 9, 1, Max, Max, Max, 95 },
        { 0, 9, 0, Max, 0, Max, 75 },
        { 0, 9, 0, Max, Max, 0, 75 },
        { 6, 9, 0, Max, 0, Max, 75 },
        { 0, 9, 0, Max, 0, 0, 22 },
        { 1, 9, 0, Max, 0, 0, 22 },
        { 7, 9, 0, Max, 0, 0, 2 },
        { 7, 1, 0, Max, Page, 0, 75 },
        { 7, 1, 0, Max - Page + 1, Page, 0, 75 },
        { 7, 1, 0, Page, Max - 1, 0, 75 },
        { 7, 1, 0, 0, Max - 1, 0, 22 },
        { 7, 1, 0, 0, 0, 0, 22 },
        { 7, 1, 0, 0, Page, Max - 1, 75 },
        { 7, 1, 0, 0, Page, 0x10_0000, 17 },
        { 7, 1, 0, 0, Page, 0x10_0fff, 17 },
        { 7, 1, 0, 0, Page, 0x10_1000, 0 },
        { 6, 1, 0, 1, (Max >> 1), 0, 75 },
        { 6, 1, 0, Page, Page, 0x123, 0 },
    };

    [Theory]
    [MemberData(nameof(Checks))]
    [Trait("Requirement", "R1.1")]
    public void Map_tests_in_the_kernels_order(uint flags, uint ioas, uint reserved, ulong address, ulong length, ulong iova, int errno)
    {
        using var rig = new IommufdRig();
        Assert.Equal(Errno.None, rig.MapAt(rig.Ioas(), Address, Page, 0x10_0000));
        Assert.Equal(errno, rig.Map(ioas, flags, address, length, iova, reserved).Errno.Number);
    }

    /// <summary>The same in an IOAS with a page table, where whole pages are mapped, and pinned.</summary>
    [Theory]
    [InlineData(7u, 0UL, 5UL, 0UL, 22)]
    [InlineData(7u, 0UL, 0x1000UL, 5UL, 22)]
    [InlineData(7u, 5UL, 0x1000UL, 0UL, 22)]
    [InlineData(6u, 5UL, 0x1000UL, 0UL, 22)]
    [InlineData(7u, 0UL, 0x1000UL, 0xfee0_0000UL, 22)]
    [InlineData(7u, 0UL, 0x1000UL, 0x1_0000_0000_0000UL, 22)]
    [InlineData(7u, 0UL, 0x1000UL, 0x1000UL, 17)]
    [InlineData(7u, 0UL, 0x1000UL, 0UL, 0)]
    [InlineData(7u, 0x10_0000UL, 0x1000UL, 0UL, 14)]
    [InlineData(5u, 0x20_0000UL, 0x1000UL, 0UL, 0)]
    [InlineData(7u, 0x20_0000UL, 0x1000UL, 0UL, 14)]
    [InlineData(7u, 0x30_0000UL, 0x1000UL, 0UL, 14)]
    [Trait("Requirement", "R0.4")]
    public void A_page_table_makes_maps_whole_pages_that_can_be_had(uint flags, ulong offset, ulong length, ulong iova, int errno)
    {
        using var rig = new IommufdRig();
        var ioas = rig.Ioas();
        rig.Attached(Rig.NetworkCard, ioas);
        var memory = rig.Rig.Memory(4 * Page);
        rig.Kernel.Declare(new HostAddress(memory + 0x20_0000), Page, AddressKind.ReadOnly);
        rig.Kernel.Declare(new HostAddress(memory + 0x30_0000), Page, AddressKind.PfnMap);
        Assert.Equal(Errno.None, rig.MapAt(ioas, memory, Page, Page));
        Assert.Equal(errno, rig.Map(ioas, flags, memory + offset, length, iova).Errno.Number);
        Assert.Equal(errno == 0 ? 2UL : 1, rig.Census.PinnedPages);
    }

    [Fact]
    public void An_ioas_without_page_table_looks_at_no_address_and_maps_any_length()
    {
        using var rig = new IommufdRig();
        var ioas = rig.Ioas();
        Assert.Equal(Errno.None, rig.MapAt(ioas, 0xdead_beef, 3, 5));
        Assert.Equal((Errno.None, 3UL), rig.Unmap(ioas, 5, 3));
        Assert.Equal(Errno.None, rig.MapAt(ioas, 0, Max - Page, Page));
        Assert.Equal((Errno.None, Max - Page), rig.Unmap(ioas, 0, Max));
    }

    /// <summary>Address, length, whether the kernel has huge pages, and where a first map of it goes: as on Linux, call by call.</summary>
    public static TheoryData<bool, (ulong Address, ulong Length, ulong Iova)[]> Placements => new()
    {
        {
            true,
            [
                (Address, Page, 0x1000), (Address, 2 * Page, 0x2000), (Address, 3 * Page, 0x4000),
                (Address, 0x20_0000, 0x20_0000), (Address, 0x40_0000, 0x40_0000), (Address + 5, 3, 0x7005),
                (Address + Page, 0x20_0000, 0x80_0000), (0, Page, 0x8000), (0, 0x40_0000, 0xa0_0000),
                (Address + 5, 4096, 0x9005), (Address + 0x800, 16384, 0xa800), (Address, 1UL << 62, 0xe0_0000),
            ]
        },
        { false, [(Address, Page, 0x1000), (Address, Page, 0x2000), (Address + 5, 3, 0x3005), (Address, 16 * Page, 0x4000), (0, 0x40_0000, 0x14000)] },
    };

    [Theory]
    [MemberData(nameof(Placements))]
    public void An_automatic_iova_is_the_lowest_that_keeps_the_alignment_of_the_address(bool hugePages, (ulong Address, ulong Length, ulong Iova)[] maps)
    {
        ArgumentNullException.ThrowIfNull(maps);
        using var rig = new IommufdRig(options: new EmulatedKernelOptions { HasHugePages = hugePages });
        var ioas = rig.Ioas();
        foreach (var (address, length, iova) in maps)
        {
            Assert.Equal((Errno.None, iova), rig.Map(ioas, IommufdRig.ReadWrite, address, length, 0));
        }
    }

    [Fact]
    public void An_automatic_iova_stays_inside_what_is_allowed_and_a_fixed_one_need_not()
    {
        using var rig = new IommufdRig();
        var ioas = rig.Ioas();
        Assert.Equal(Errno.None, rig.Allow(ioas, (0x2_0000, 0x2_ffff), (0x1_0000, 0x1_ffff), (0x8000_0000, 0x8fff_ffff)));
        Assert.Equal((Errno.None, 0x8000_0000UL), rig.Map(ioas, IommufdRig.ReadWrite, Address, 0x18000, 0));
        Assert.Equal((Errno.None, 0x1_0000UL), rig.Map(ioas, IommufdRig.ReadWrite, Address, 0x10000, 0));
        Assert.Equal((Errno.None, 0x8020_0000UL), rig.Map(ioas, IommufdRig.ReadWrite, Address, 0x20_0000, 0));
        Assert.Equal(Errno.ENOSPC, rig.Map(ioas, IommufdRig.ReadWrite, Address, 0x2000_0000, 0).Errno);
        Assert.Equal(Errno.None, rig.MapAt(ioas, Address, Page, 0));
        Assert.Equal(Errno.None, rig.Allow(ioas));
        Assert.Equal((Errno.None, 0x1000UL), rig.Map(ioas, IommufdRig.ReadWrite, Address, Page, 0));
    }

    [Fact]
    public void Two_halves_of_the_space_leave_no_room_for_a_third()
    {
        using var rig = new IommufdRig();
        var ioas = rig.Ioas();
        const ulong Half = (1UL << 63) - 2;
        Assert.Equal((Errno.None, 1UL | 0x1000), rig.Map(ioas, IommufdRig.ReadWrite, 1, Half, 0));
        Assert.Equal(Errno.ENOSPC, rig.Map(ioas, IommufdRig.ReadWrite, 1, Half, 0).Errno);
    }

    /// <summary>Ranges and errno; a range of one byte is none.</summary>
    [Theory]
    [InlineData(0x1000UL, 0x1000UL, 0UL, 0UL, 22)]
    [InlineData(0x2000UL, 0x1000UL, 0UL, 0UL, 22)]
    [InlineData(0x1000UL, 0x2000UL, 0x2000UL, 0x3000UL, 22)]
    [InlineData(0x1000UL, 0x1fffUL, 0x2000UL, 0x2fffUL, 0)]
    [InlineData(0xfee0_0000UL, 0xfee0_0fffUL, 0UL, 1UL, 98)]
    public void Allow_takes_ranges_that_are_apart_and_not_reserved(ulong start, ulong last, ulong other, ulong otherLast, int errno)
    {
        using var rig = new IommufdRig();
        var ioas = rig.Ioas();
        rig.Attached(Rig.NetworkCard, ioas);
        Assert.Equal(errno, rig.Allow(ioas, (start, last), (other, otherLast)).Number);
        Assert.Equal(Errno.ENOENT, rig.Allow(9));
        Assert.Equal(Errno.EFAULT, rig.Call(IommufdUapi.IoasAllowIovas, IommufdRig.Words(ioas, 1, 0, 0, 0)));
        Assert.Equal(Errno.EOPNOTSUPP, rig.Call(IommufdUapi.IoasAllowIovas, IommufdRig.Words(9, 1, 1, 0, 0)));
    }

    [Fact]
    [Trait("Requirement", "R1.1")]
    public void Ranges_tells_how_many_there_are_and_fills_what_has_room()
    {
        using var rig = new IommufdRig();
        var ioas = rig.Ioas();
        Assert.Equal([IovaRange.All], rig.Ranges(ioas).Ranges);
        rig.Attached(Rig.NetworkCard, ioas);
        Assert.Equal((Errno.EMSGSIZE, 2u, Page), rig.Ranges(ioas, 0) is var (none, count, alignment, _) ? (none, count, alignment) : default);
        var first = rig.Ranges(ioas, 1);
        Assert.Equal((Errno.EMSGSIZE, 2u), (first.Errno, first.Count));
        Assert.Equal([IommufdRig.BelowAndAboveMsi[0]], first.Ranges);
        Assert.Equal(IommufdRig.BelowAndAboveMsi, rig.Ranges(ioas).Ranges);
        Assert.Equal(Errno.EFAULT, rig.Call(IommufdUapi.IoasIovaRanges, IommufdRig.Words(ioas, 1, 0, 0, 0, 0, 0)));
        Assert.Equal(Errno.EOPNOTSUPP, rig.Call(IommufdUapi.IoasIovaRanges, IommufdRig.Words(9, 1, 1, 0, 0, 0, 0)));
        Assert.Equal(Errno.ENOENT, rig.Ranges(9).Errno);
    }
}
