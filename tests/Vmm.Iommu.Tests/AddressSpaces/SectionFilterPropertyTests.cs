using FsCheck;
using FsCheck.Fluent;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.Tests.Properties;

namespace Vmm.Iommu.Tests.AddressSpaces;

public class SectionFilterPropertyTests
{
    private static readonly RamBlock Block = RamBlock.FromExisting("block", new HostAddress(0), ulong.MaxValue);
    private static readonly SectionFilter Filter = new(0x1000, new PageSizes(0x10000));

    private static readonly Gen<MemorySection> Sections =
        from range in Ranges.Near(40, 40, 0x800)
        from kind in Gen.Elements(SectionKind.Ram, SectionKind.RamDevice, SectionKind.Io)
        from shift in Gen.Elements(0ul, 0x800ul, 0x5000ul)
        let offset = (range.Start.Value & 0xffff) + shift
        select new MemorySection(range, kind, "section", offset, false, Block, offset);

    [Fact]
    public void What_is_mapped_lies_inside_whole_pages_and_keeps_its_host_byte() => Generated.Holds(
        Sections,
        section => !Filter.TryFilter(section, out var dma)
            || (section.Range.Contains(dma.Range)
                && PageSizes.FourKiB.IsAligned(dma.Range)
                && dma.Offset - section.OffsetInBlock == dma.Range.Start.Value - section.Range.Start.Value
                && (section.Kind == SectionKind.Ram || new PageSizes(0x10000).IsAligned(dma.Range))),
        count: 2_000);

    [Fact]
    public void Of_ram_that_is_mapped_less_than_a_page_is_lost_at_either_end() => Generated.Holds(
        Sections,
        section => section.Kind != SectionKind.Ram || !Filter.TryFilter(section, out var dma)
            || (dma.Range.Start.Value - section.Range.Start.Value < 0x1000 && section.Range.Last.Value - dma.Range.Last.Value < 0x1000),
        count: 2_000);

    [Fact]
    public void A_skipped_section_is_skipped_for_a_reason_that_is_true() => Generated.Holds(
        Sections,
        section => Filter.Judge(section, out var dma) switch
        {
            SkipReason.None => dma is not null,
            SkipReason.NotMemory => section.Kind == SectionKind.Io,
            SkipReason.AboveTopBit => section.Range.Start.Value >= 1UL << 63,
            SkipReason.MisplacedInPage => (section.Range.Start.Value - section.OffsetInRegion) % 0x1000 != 0,
            SkipReason.SmallerThanPage => section.Range.Length < 0x2000,
            SkipReason.MisalignedForIommu => section.Kind == SectionKind.RamDevice,
            _ => false,
        },
        count: 2_000);

    [Fact]
    public void The_old_view_without_what_was_removed_and_with_what_was_added_is_the_new_view() => Generated.Holds(
        from before in (from count in Gen.Choose(0, 10) from some in Sections.ArrayOf(count) select some)
        from after in (from count in Gen.Choose(0, 10) from some in Sections.ArrayOf(count) select some)
        select (Before: View(before), After: View([.. before.Take(5), .. after])),
        views =>
        {
            var diff = FlatViewDiff.Between(views.Before, views.After);
            return new FlatView(views.Before.Except(diff.Removed).Concat(diff.Added)).Equals(views.After)
                && diff.Removed.All(views.Before.Contains) && !diff.Added.Any(views.Before.Contains)
                && diff.Removed.Zip(diff.Removed.Skip(1)).All(pair => pair.First.Range < pair.Second.Range)
                && diff.Added.Zip(diff.Added.Skip(1)).All(pair => pair.First.Range < pair.Second.Range);
        });

    private static FlatView View(MemorySection[] sections)
    {
        var kept = new List<MemorySection>();
        foreach (var section in sections)
        {
            if (!kept.Exists(other => other.Range.Overlaps(section.Range)))
            {
                kept.Add(section);
            }
        }

        return new FlatView(kept);
    }
}
