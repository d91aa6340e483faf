using FsCheck;
using FsCheck.Fluent;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.Planning;
using Vmm.Iommu.Tests.Properties;

namespace Vmm.Testing.Tests.Properties;

/// <summary>A section of a generated view.</summary>
internal sealed record SectionCase(IovaRange Range, SectionKind Kind, bool ReadOnly);

/// <summary>A generated view on a generated host, the devices in the order in which they are attached, and what is allowed.</summary>
internal sealed record SpaceCase(HostCase Host, IReadOnlyList<SectionCase> View, IReadOnlyList<string> Order, AttachPolicy Policy, IReadOnlyList<IovaRange> Holes, uint EntryLimit)
{
    private static readonly Gen<SectionCase> Sections =
        from range in Gen.Frequency((6, Ranges.Pages(30, 10)), (1, Ranges.Near(60, 20, 0x800)), (1, Ranges.Near(4, 3, 0x1000_0000)))
        from kind in Gen.Frequency((5, Gen.Constant(SectionKind.Ram)), (2, Gen.Constant(SectionKind.RamDevice)), (1, Gen.Constant(SectionKind.Io)))
        from readOnly in Gen.Frequency((5, Gen.Constant(false)), (1, Gen.Constant(true)))
        select new SectionCase(range, kind, readOnly);

    private static readonly Gen<AttachPolicy> Policies =
        from second in Gen.Frequency((5, Gen.Constant(true)), (1, Gen.Constant(false)))
        from freeze in Gen.Frequency((6, Gen.Constant(false)), (1, Gen.Constant(true)))
        select new AttachPolicy { AllowSecondContainer = second, FreezeIova = freeze };

    /// <summary>Any of them. How many mappings a container holds is asked of the kernel by a probe, so it is few only where every group can be probed.</summary>
    /// <param name="pageSizes">Bitmaps of page sizes that IOMMUs have.</param>
    /// <param name="mostHoles">Holes that the user asks for, at most.</param>
    public static Gen<SpaceCase> Any(int mostHoles, params ulong[] pageSizes) =>
        from host in HostCase.Any(pageSizes)
        from view in (from count in Gen.Choose(0, 5) from some in Sections.ArrayOf(count) select some)
        from order in Gen.Shuffle(host.Devices.ToArray())
        from policy in Policies
        from holes in Ranges.Some(Ranges.Pages(20, 4), mostHoles)
        from limit in Gen.Frequency((4, Gen.Constant(65_535u)), (1, Gen.Elements(1u, 2u, 40u)))
        select new SpaceCase(host, Disjoint(view), order, policy, holes, host.Groups.Any(each => each.IsMediated) ? 65_535u : limit);

    /// <summary>The view with memory behind it.</summary>
    /// <param name="ram">Long enough for each section by itself.</param>
    /// <param name="bar">The memory of BARs.</param>
    public FlatView ToView(RamBlock ram, RamBlock bar) => new(View.Select(section =>
    {
        var offset = section.Range.Start.Value & 0xfff;
        var block = section.Kind switch { SectionKind.Ram => ram, SectionKind.RamDevice => bar, _ => null };
        return new MemorySection(section.Range, section.Kind, block?.Name ?? "io", offset, section.ReadOnly, block, offset);
    }));

    public override string ToString() =>
        $"host: {Host}\nview: {string.Join(' ', View)}\norder: {string.Join(' ', Order)}\npolicy: {Policy}\nholes: {string.Join(' ', Holes)}\nentries: {EntryLimit}";

    private static List<SectionCase> Disjoint(SectionCase[] sections)
    {
        var kept = new List<SectionCase>();
        foreach (var section in sections)
        {
            if (!kept.Exists(other => other.Range.Overlaps(section.Range)))
            {
                kept.Add(section);
            }
        }

        return kept;
    }
}
