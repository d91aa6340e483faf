using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.GuestMemory;

namespace Vmm.Iommu.Tests.AddressSpaces;

public sealed class RamPiecesTests
{
    private static readonly RamBlock Ram = RamBlock.FromExisting("ram", new HostAddress(0x7000_0000_0000), 0x10_0000);
    private static readonly RamBlock Rom = RamBlock.FromExisting("rom", new HostAddress(0x7100_0000_0000), 0x10_0000);

    [Fact]
    public void Sections_of_one_block_that_touch_are_one_piece() => Assert.Equal(
        [new RamPiece(Ram, 0, 0x4000, true)],
        RamPieces.Of([Section(Ram, 0x2000, 0x2000, at: 0x10_0000_0000), Section(Ram, 0, 0x2000)]));

    [Fact]
    public void Gaps_and_blocks_part_pieces() => Assert.Equal(
        [new RamPiece(Ram, 0, 0x1000, true), new RamPiece(Ram, 0x2000, 0x1000, true), new RamPiece(Rom, 0, 0x1000, false)],
        RamPieces.Of([Section(Ram, 0, 0x1000), Section(Ram, 0x2000, 0x1000), Section(Rom, 0, 0x1000, DmaAccess.Read)]));

    [Fact]
    public void Memory_that_is_shown_twice_is_a_piece_once_and_pinned_twice()
    {
        DmaSection[] sections = [Section(Ram, 0, 0x4000), Section(Ram, 0x1000, 0x1000, DmaAccess.Read, at: 0x10_0000_0000)];
        Assert.Equal([new RamPiece(Ram, 0, 0x4000, true)], RamPieces.Of(sections));
        Assert.Equal(0x5000UL, (ulong)RamPieces.PinnedBytes(sections));
    }

    [Fact]
    public void What_is_writable_in_one_place_is_populated_for_writing() => Assert.Equal(
        [new RamPiece(Ram, 0, 0x4000, true)],
        RamPieces.Of([Section(Ram, 0, 0x4000, DmaAccess.Read), Section(Ram, 0x1000, 0x1000)]));

    [Fact]
    public void Access_parts_pieces_without_a_byte_in_two() => Assert.Equal(
        [new RamPiece(Ram, 0, 0x1000, false), new RamPiece(Ram, 0x1000, 0x2000, true)],
        RamPieces.Of([Section(Ram, 0, 0x2000, DmaAccess.Read), Section(Ram, 0x1000, 0x2000)]));

    [Fact]
    public void Bars_of_other_devices_have_no_pages()
    {
        var bar = Section(Ram, 0, 0x1000) with { IsSkippable = true };
        Assert.Empty(RamPieces.Of([bar]));
        Assert.Equal(0UL, (ulong)RamPieces.PinnedBytes([bar]));
    }

    [Theory]
    [InlineData(0x0, 0x8000, true, "")]
    [InlineData(0x0, 0x8000, false, "ram 0x0-0x7fff")]
    [InlineData(0x0, 0x2000, true, "ram 0x2000-0x7fff")]
    [InlineData(0x6000, 0x4000, true, "ram 0x0-0x5fff")]
    [InlineData(0x2000, 0x1000, true, "ram 0x0-0x1fff, ram 0x3000-0x7fff")]
    [InlineData(0x8000, 0x1000, true, "ram 0x0-0x7fff")]
    public void What_others_cover_is_left_out(ulong offset, ulong length, bool isWritable, string left)
    {
        RamPiece[] known = [new RamPiece(Ram, offset, length, isWritable), new RamPiece(Rom, 0, 0x8000, IsWritable: true)];
        Assert.Equal(left, string.Join(", ", RamPieces.Except([new RamPiece(Ram, 0, 0x8000, IsWritable: true)], known)));
    }

    [Fact]
    public void What_is_only_read_is_covered_by_what_is_written()
    {
        var read = new RamPiece(Ram, 0, 0x2000, IsWritable: false);
        Assert.Empty(RamPieces.Except([read], [new RamPiece(Ram, 0, 0x1000, IsWritable: true), new RamPiece(Ram, 0x1000, 0x1000, IsWritable: false)]));
    }

    private static DmaSection Section(RamBlock block, ulong offset, ulong length, DmaAccess access = DmaAccess.ReadWrite, ulong? at = null) =>
        new(IovaRange.FromLength(at ?? offset, length), block, offset, access, IsSkippable: false, block.Name);
}
