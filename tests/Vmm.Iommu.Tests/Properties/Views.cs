using FsCheck;
using FsCheck.Fluent;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.Mappings;
using Vmm.Iommu.Tests.Planning;

namespace Vmm.Iommu.Tests.Properties;

/// <summary>Generators of what devices are shown: whole pages of two blocks near every edge, where firmware shadows RAM, and over much of the space.</summary>
internal static class Views
{
    private static readonly RamBlock[] Blocks = [Tables.Block("a"), Tables.Block("b", 0x1000_0000_0000)];

    public static readonly Gen<DmaSection> Section =
        from place in Gen.Frequency(
            (10, Ranges.Pages(20, 30)), (10, Ranges.Near(20, 12, 0x1000_0000)), (10, ShadowArea), (1, Ranges.Spans(20, 0x1000)))
        from block in Gen.Elements(Blocks)
        from access in Gen.Frequency((4, Gen.Constant(DmaAccess.ReadWrite)), (1, Gen.Constant(DmaAccess.Read)))
        from isBar in Gen.Frequency((6, Gen.Constant(false)), (1, Gen.Constant(true)))
        select new DmaSection(place, block, place.Start.Value & 0xff_ffff_f000, access, isBar, block.Name);

    private static Gen<IovaRange> ShadowArea =>
        from start in Gen.Choose(0x98, 0x108)
        from pages in Gen.Choose(1, 40)
        select IovaRange.FromLength((ulong)start << 12, (ulong)pages << 12);

    /// <summary>Up to so many sections that share no byte, ascending.</summary>
    public static Gen<DmaSection[]> Some(int most = 12) =>
        from count in Gen.Choose(0, most)
        from sections in Section.ArrayOf(count)
        select Disjoint(sections);

    /// <summary>Two views of which the second is the first with a few sections gone, come, or split.</summary>
    public static Gen<(DmaSection[] Before, DmaSection[] After)> Changes() =>
        from before in Some()
        from fresh in Some()
        from seed in Gen.Choose(0, int.MaxValue)
        select (before, Disjoint([.. before.SelectMany((section, i) => Altered(section, seed >> (2 * (i % 15)))), .. fresh.Take(2)]));

    /// <summary>The sections that share no byte with one before them, ascending.</summary>
    public static DmaSection[] Disjoint(IEnumerable<DmaSection> sections)
    {
        var map = new IovaRangeMap<DmaSection>();
        foreach (var section in sections)
        {
            map.TryAdd(section.Range, section);
        }

        return [.. map.Select(entry => entry.Value)];
    }

    private static IEnumerable<DmaSection> Altered(DmaSection section, int how)
    {
        var middle = section.Range.Start.Value + (((section.Range.Last.Value - section.Range.Start.Value) / 2) & ~0xffful);
        var upper = middle <= section.Range.Start.Value
            ? section
            : section with { Range = IovaRange.FromBounds(middle, section.Range.Last.Value), Offset = section.OffsetAt(new Iova(middle)) };
        switch (how & 3)
        {
            case 1 when upper != section:
                // The upper half becomes read-only, as shadowing does it.
                yield return section with { Range = IovaRange.FromBounds(section.Range.Start.Value, middle - 1) };
                yield return upper with { Access = DmaAccess.Read };
                break;
            case 2:
                break;
            case 3 when upper != section:
                // The same memory in two sections: nothing has changed for a device.
                yield return section with { Range = IovaRange.FromBounds(section.Range.Start.Value, middle - 1) };
                yield return upper;
                break;
            default:
                yield return section;
                break;
        }
    }
}
