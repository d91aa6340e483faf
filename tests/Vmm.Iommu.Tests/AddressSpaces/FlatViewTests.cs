using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.GuestMemory;

namespace Vmm.Iommu.Tests.AddressSpaces;

public class FlatViewTests
{
    private static readonly RamBlock Ram = RamBlock.FromExisting("pc.ram", new HostAddress(0x7000_0000_0000), 1UL << 30);

    [Fact]
    public void Sections_are_sorted_and_found_by_address()
    {
        var view = new FlatView([Section(0x4000, 0x1000), Section(0, 0x1000)]);

        Assert.Equal([0ul, 0x4000ul], view.Select(section => section.Range.Start.Value));
        Assert.True(view.TryFind(new Iova(0x4fff), out var found));
        Assert.Same(view[1], found);
        Assert.False(view.TryFind(new Iova(0x1000), out _));
        Assert.False(view.TryFind(new Iova(ulong.MaxValue), out _));
    }

    [Theory]
    [InlineData(0UL)]
    [InlineData(0x2000UL)]
    [InlineData(0x2fffUL)]
    [InlineData(0x3000UL)]
    [InlineData(0x400_0000UL)]
    [InlineData(ulong.MaxValue)]
    public void A_walk_up_or_down_from_an_address_passes_what_reaches_it_and_all_beyond(ulong address)
    {
        var view = new FlatView(Enumerable.Range(1, 500).Select(at => Section((ulong)at * 0x2000, 0x1000)));

        Assert.Equal(view.Where(section => section.Range.Last.Value >= address), view.From(new Iova(address)));
        Assert.Equal(view.Where(section => section.Range.Start.Value <= address).Reverse(), view.DownFrom(new Iova(address)));
    }

    [Fact]
    public void Overlapping_sections_are_refused_by_name_and_range()
    {
        var fault = Assert.Throws<ArgumentException>(() => new FlatView([Section(0, 0x2000), Section(0x1fff, 0x1000)]));

        Assert.Contains("pc.ram at 0x0-0x1fff and pc.ram at 0x1fff-0x2ffe", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_section_beyond_its_block_and_memory_without_a_block_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new FlatView([Section(0, 0x2000) with { OffsetInBlock = (1UL << 30) - 0x1000 }]));
        Assert.Throws<ArgumentException>(() => new FlatView([Section(0, 0x2000) with { OffsetInBlock = ulong.MaxValue }]));
        Assert.Throws<ArgumentException>(() => new FlatView([Section(0, 0x2000) with { Block = null }]));
    }

    [Fact]
    public void A_flip_of_read_only_is_a_removal_and_an_addition_of_the_same_range()
    {
        var before = new FlatView([Section(0, 0x1000), Section(0x1000, 0x1000)]);
        var after = new FlatView([Section(0, 0x1000), Section(0x1000, 0x1000) with { ReadOnly = true }]);

        var diff = FlatViewDiff.Between(before, after);

        Assert.Same(before[1], Assert.Single(diff.Removed));
        Assert.Same(after[1], Assert.Single(diff.Added));
    }

    [Fact]
    public void A_hole_that_opens_removes_the_big_section_and_adds_both_sides()
    {
        var before = new FlatView([Section(0, 0x10000)]);
        var after = new FlatView([Section(0, 0x4000), Section(0x8000, 0x8000) with { OffsetInRegion = 0x8000, OffsetInBlock = 0x8000 }]);

        var diff = FlatViewDiff.Between(before, after);

        Assert.Equal(before, diff.Removed);
        Assert.Equal(after, diff.Added);
        Assert.True(FlatViewDiff.Between(after, new FlatView(after)).IsEmpty);
    }

    [Fact]
    public void Other_memory_of_the_same_name_is_not_the_same_section()
    {
        var other = RamBlock.FromExisting("pc.ram", new HostAddress(0x7100_0000_0000), 1UL << 30);

        var diff = FlatViewDiff.Between(new FlatView([Section(0, 0x1000)]), new FlatView([Section(0, 0x1000) with { Block = other }]));

        Assert.Single(diff.Removed);
        Assert.Single(diff.Added);
    }

    private static MemorySection Section(ulong start, ulong length) =>
        new(IovaRange.FromLength(start, length), SectionKind.Ram, "pc.ram", 0, false, Ram, 0);
}
