using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.GuestMemory;

namespace Vmm.Iommu.Tests.AddressSpaces;

[Trait("Requirement", "R2.9")]
public class SectionFilterTests
{
    private static readonly RamBlock Block = RamBlock.FromExisting("block", new HostAddress(0x7000_0000_0000), 1UL << 40);

    [Theory]
    [InlineData(SectionKind.Io, 0x1000, 0x1000, 0x1000, SkipReason.NotMemory)]
    [InlineData(SectionKind.RomDevice, 0x1000, 0x1000, 0x1000, SkipReason.NotMemory)]
    [InlineData(SectionKind.Iommu, 0x1000, 0x1000, 0x1000, SkipReason.NotMemory)]
    [InlineData(SectionKind.ProtectedRam, 0x1000, 0x1000, 0x1000, SkipReason.Protected)]
    [InlineData(SectionKind.Ram, 0x8000_0000_0000_0000, 0x1000, 0, SkipReason.AboveTopBit)]
    [InlineData(SectionKind.RamDevice, 0x8000_0000_0000_0123, 0x1000, 0, SkipReason.AboveTopBit)]
    [InlineData(SectionKind.Ram, 0x1800, 0x4000, 0x1000, SkipReason.MisplacedInPage)]
    [InlineData(SectionKind.Ram, 0x1800, 0x900, 0x800, SkipReason.SmallerThanPage)]
    [InlineData(SectionKind.RamDevice, 0x1000, 0x800, 0, SkipReason.SmallerThanPage)]
    [InlineData(SectionKind.RamDevice, 0x1000, 0x1000, 0x1000, SkipReason.MisalignedForIommu)]
    [InlineData(SectionKind.RamDevice, 0x10000, 0x10000, 0, SkipReason.None)]
    [InlineData(SectionKind.Ram, 0x1000, 0x1000, 0x1000, SkipReason.None)]
    public void A_section_is_skipped_for_the_first_reason_of_the_order(SectionKind kind, ulong start, ulong length, ulong offset, SkipReason reason)
    {
        var filter = new SectionFilter(0x1000, new PageSizes(0x10000));

        Assert.Equal(reason, filter.Judge(Section(kind, start, length, offset), out var dma));
        Assert.Equal(reason == SkipReason.None, dma is not null);
        Assert.Equal(reason == SkipReason.None, SectionFilter.Explain(reason).Length == 0);
    }

    [Fact]
    public void Ends_are_trimmed_to_whole_host_pages_and_the_offset_moves_along()
    {
        Assert.True(SectionFilter.FourKiB.TryFilter(Section(SectionKind.Ram, 0x1800, 0x3000, 0x10800), out var dma));

        Assert.Equal(IovaRange.FromBounds(0x2000, 0x3fff), dma.Range);
        Assert.Equal(0x11000ul, dma.Offset);
    }

    [Fact]
    public void Rom_is_mapped_read_only_and_a_bar_is_skippable()
    {
        Assert.True(SectionFilter.FourKiB.TryFilter(Section(SectionKind.Ram, 0, 0x1000, 0) with { ReadOnly = true }, out var rom));
        Assert.True(SectionFilter.FourKiB.TryFilter(Section(SectionKind.RamDevice, 0, 0x1000, 0), out var bar));

        Assert.Equal((DmaAccess.Read, false), (rom.Access, rom.IsSkippable));
        Assert.Equal((DmaAccess.ReadWrite, true), (bar.Access, bar.IsSkippable));
    }

    [Fact]
    public void A_section_up_to_the_last_byte_below_2_to_the_63_and_beyond_is_trimmed_without_wrapping()
    {
        var section = Section(SectionKind.Ram, 0x7fff_ffff_ffff_f000, 0x1000, 0) with
        {
            Range = IovaRange.FromBounds(0x7fff_ffff_ffff_f000, ulong.MaxValue),
        };

        Assert.True(SectionFilter.FourKiB.TryFilter(section, out var dma));
        Assert.Equal(section.Range, dma.Range);
    }

    [Fact]
    public void A_host_page_is_a_power_of_two() => Assert.Throws<ArgumentException>(() => new SectionFilter(3000, PageSizes.FourKiB));

    private static MemorySection Section(SectionKind kind, ulong start, ulong length, ulong offset) =>
        new(IovaRange.FromLength(start, length), kind, "section", offset, false, Block, offset);
}
