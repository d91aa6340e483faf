using System.Buffers.Binary;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;
using Vmm.Testing.Emulation;

namespace Vmm.Testing.Tests.Emulation;

public sealed class Type1UnmapTests : IDisposable
{
    private const ulong Address = 0x7000_0000_0000;
    private const ulong Page = 0x1000;
    private readonly Rig _rig = new();

    public Type1UnmapTests() => _rig.Kernel.Declare(new HostAddress(Address), 0x10_0000, AddressKind.Ram);

    /// <summary>Over 4 pages at 0 and 4 at 8: flags, IOVA, size, errno, and the size written back.</summary>
    public static TheoryData<uint, ulong, ulong, int, ulong> V2 => new()
    {
        { 8, 0, Page, 22, Page },
        { 3, 0, Page, 22, Page },
        { 5, 0, Page, 22, Page },
        { 1, 0, Page, 22, Page },
        { 0, 1, Page, 22, Page },
        { 2, Page, 0, 22, 0 },
        { 2, 0, Page, 22, Page },
        { 0, 0, 0, 22, 0 },
        { 0, 0, Page + 1, 22, Page + 1 },
        { 0, ulong.MaxValue - Page + 1, 2 * Page, 75, 2 * Page },
        { 0, 0, 2 * Page, 22, 2 * Page },
        { 0, 2 * Page, 2 * Page, 22, 2 * Page },
        { 0, 0, 9 * Page, 22, 9 * Page },
        { 0, 4 * Page, 4 * Page, 0, 0 },
        { 0, 0, 4 * Page, 0, 4 * Page },
        { 0, 0, 16 * Page, 0, 8 * Page },
        { 0, 0, ulong.MaxValue - Page + 1, 0, 8 * Page },
        { 2, 0, 0, 0, 8 * Page },
        { 4, 0, 16 * Page, 0, 8 * Page },
        { 6, 0, 0, 0, 8 * Page },
    };

    /// <summary>The same on a v1 container, where an unmap takes whole entries that begin in the range.</summary>
    public static TheoryData<ulong, ulong, ulong> V1 => new()
    {
        { 0, Page, 4 * Page },
        { 0, 9 * Page, 8 * Page },
        { 2 * Page, 2 * Page, 0 },
        { 2 * Page, 14 * Page, 0 },
        { 4 * Page, 5 * Page, 4 * Page },
        { 4 * Page, 4 * Page, 0 },
    };

    public void Dispose() => _rig.Dispose();

    [Theory]
    [MemberData(nameof(V2))]
    [Trait("Requirement", "R1.1")]
    public void Unmap_on_v2_takes_whole_mappings_or_nothing(uint flags, ulong iova, ulong size, int errno, ulong written)
    {
        var container = TwoMappings(VfioUapi.Type1V2);
        Assert.Equal((errno, written), _rig.Unmap(container, flags, iova, size) is var (found, left) ? (found.Number, left) : default);
        Assert.Equal(errno == 0 && (flags & VfioUapi.UnmapVaddr) == 0 ? (8 * Page) - written : 8 * Page, _rig.Kernel.Census().PinnedPages * Page);
    }

    [Theory]
    [MemberData(nameof(V1))]
    [Trait("Requirement", "R1.1")]
    public void Unmap_on_v1_takes_whole_mappings_that_begin_in_the_range(ulong iova, ulong size, ulong written)
    {
        var container = TwoMappings(VfioUapi.Type1);
        Assert.Equal((Errno.None, written), _rig.Unmap(container, 0, iova, size));
    }

    [Fact]
    public void An_invalidated_vaddr_blocks_attach_and_comes_back_by_map()
    {
        var container = TwoMappings(VfioUapi.Type1V2);
        var other = _rig.Group(2);
        Assert.Equal((Errno.None, 4 * Page), _rig.Unmap(container, VfioUapi.UnmapVaddr, 0, 4 * Page));
        Assert.Equal((Errno.EINVAL, 16 * Page), _rig.Unmap(container, VfioUapi.UnmapVaddr, 0, 16 * Page));
        Assert.Equal(Errno.EBUSY, _rig.SetContainer(other, container));
        Assert.Equal(Errno.EBUSY, _rig.SetContainer(_rig.Group(7), container));
        Assert.Equal(Errno.None, _rig.Map(container, Rig.ReadWrite, Address, 0x10_0000, Page));

        Assert.Equal(Errno.EINVAL, _rig.Map(container, VfioUapi.MapVaddr, Address, 8 * Page, 4 * Page));
        Assert.Equal(Errno.EINVAL, _rig.Map(container, VfioUapi.MapVaddr, Address, 0, 2 * Page));
        Assert.Equal(Errno.None, _rig.Map(container, VfioUapi.MapVaddr, Address + (4 * Page), 0, 4 * Page));
        Assert.Equal(Errno.None, _rig.SetContainer(other, container));
    }

    [Fact]
    public void An_unmap_of_an_invalidated_mapping_lifts_the_block()
    {
        var container = TwoMappings(VfioUapi.Type1V2);
        Assert.Equal((Errno.None, 8 * Page), _rig.Unmap(container, VfioUapi.UnmapVaddr | VfioUapi.UnmapFlagAll, 0, 0));
        Assert.Equal((Errno.None, 8 * Page), _rig.Unmap(container, 0, 0, 16 * Page));
        Assert.Equal(Errno.None, _rig.SetContainer(_rig.Group(2), container));
    }

    [Fact]
    public void Vaddr_beside_a_mediated_group_is_EBUSY_before_anything_else()
    {
        var (container, _) = _rig.Ready(1, 7);
        Assert.Equal((Errno.EBUSY, 1UL), _rig.Unmap(container, VfioUapi.UnmapVaddr, 1, 1));
        Assert.Equal((Errno.EBUSY, 1UL), _rig.Unmap(container, VfioUapi.UnmapVaddr | VfioUapi.UnmapFlagAll, 1, 1));
    }

    [Fact]
    [Trait("Requirement", "R0.2")]
    public void Info_matches_a_real_machine_byte_by_byte()
    {
        var (container, _) = _rig.Ready(1);
        var tooShort = Rig.Struct(24);
        Rig.Good(_rig.Kernel.Ioctl(container, VfioUapi.IommuGetInfo, tooShort));
        Assert.Equal("780000000300000000102040000000000000000000000000", Convert.ToHexStringLower(tooShort));

        const string Real =
            "78000000030000000010204000000000180000000000000002000100380000000000000000000000001000000000000000000010000000000300"
            + "010048000000ffff000000000000010001000000000002000000000000000000000000000000ffffdffe000000000000f0fe00000000ffffffffffff0000";
        Assert.Equal(Real, Convert.ToHexStringLower(_rig.Info(container, 0x78)));
    }

    [Theory]
    [InlineData(15, 22)]
    [InlineData(16, 0)]
    [InlineData(20, 0)]
    [InlineData(119, 0)]
    public void Info_in_a_short_buffer_tells_the_size_and_writes_no_capability(int length, int errno)
    {
        var (container, _) = _rig.Ready(1);
        var bytes = new byte[128];
        bytes.AsSpan().Fill(0x5a);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, (uint)length);
        Assert.Equal(errno, _rig.Kernel.Ioctl(container, VfioUapi.IommuGetInfo, bytes).Errno.Number);
        if (errno == 0)
        {
            Assert.Equal(120u, BinaryPrimitives.ReadUInt32LittleEndian(bytes));
            Assert.True(bytes.AsSpan(Math.Min(24, length)).IndexOfAnyExcept((byte)0x5a) < 0);
        }
    }

    [Fact]
    public void Info_of_a_mediated_container_has_no_ranges_and_every_page_size()
    {
        var bytes = _rig.Info(_rig.Ready(7).Container, 200);
        Assert.Equal(200u, BinaryPrimitives.ReadUInt32LittleEndian(bytes));
        Assert.Equal(0xffff_ffff_ffff_f000, BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(8)));
        Assert.Equal(0u, BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(60)));
    }

    private int TwoMappings(ulong type)
    {
        var (container, _) = _rig.ReadyAs(type, 1);
        Assert.Equal(Errno.None, _rig.Map(container, Rig.ReadWrite, Address, 0, 4 * Page));
        Assert.Equal(Errno.None, _rig.Map(container, Rig.ReadWrite, Address, 8 * Page, 4 * Page));
        return container;
    }
}
