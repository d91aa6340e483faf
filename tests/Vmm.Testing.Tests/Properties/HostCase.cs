using FsCheck;
using FsCheck.Fluent;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Tests.Properties;
using Vmm.Testing.Emulation;

namespace Vmm.Testing.Tests.Properties;

/// <summary>An IOMMU of a generated host.</summary>
internal sealed record UnitCase(IommuKind Kind, IovaRange Aperture, ulong PageSizes);

/// <summary>A group of a generated host.</summary>
/// <param name="Unit">Which IOMMU serves it.</param>
/// <param name="Drivers">A function for each, with its driver; null for none.</param>
/// <param name="Regions">Its reserved regions.</param>
/// <param name="IsMediated">True for a mediated device instead.</param>
internal sealed record GroupCase(int Unit, IReadOnlyList<string?> Drivers, IReadOnlyList<(ReservedRegionKind Kind, IovaRange Range)> Regions, bool IsMediated);

/// <summary>A generated host: IOMMUs, and groups numbered from 1.</summary>
internal sealed record HostCase(IReadOnlyList<UnitCase> Units, IReadOnlyList<GroupCase> Groups)
{
    private static readonly Gen<IovaRange> Apertures = Gen.Frequency(
        (4, Gen.Constant(IovaRange.FromBounds(0, (1UL << 48) - 1))),
        (2, Gen.Constant(IovaRange.All)),
        (2, Gen.Choose(-20, 20).Select(pages => IovaRange.FromBounds(0, unchecked((1UL << 52) + ((ulong)(long)pages * 0x1000) - 1)))),
        (1, Ranges.Spans(20, 0x1000)));

    private static readonly Gen<(ReservedRegionKind Kind, IovaRange Range)> Regions =
        from kind in Gen.Frequency(
            (6, Gen.Elements(ReservedRegionKind.Msi, ReservedRegionKind.Reserved)),
            (2, Gen.Constant(ReservedRegionKind.DirectRelaxable)),
            (1, Gen.Constant(ReservedRegionKind.Direct)))
        from range in Gen.Frequency((6, Ranges.Pages(40, 6)), (2, Ranges.Near(40, 6, 0x100)), (1, Gen.Constant(IovaRange.FromBounds(0xfee0_0000, 0xfeef_ffff))))
        select (kind, range);

    /// <summary>Every device of the host, by group.</summary>
    public IEnumerable<string> Devices => Groups.SelectMany((group, at) => group.IsMediated ? [Mediated(at + 1)] : group.Drivers.Select((_, function) => Physical(at + 1, function)));

    /// <summary>One or two IOMMUs and one to four groups.</summary>
    /// <param name="pageSizes">Bitmaps of page sizes.</param>
    public static Gen<HostCase> Any(params ulong[] pageSizes) =>
        from units in (from kind in Gen.Elements(IommuKind.VtD, IommuKind.AmdVi)
                       from aperture in Apertures
                       from pages in Gen.Elements(pageSizes)
                       select new UnitCase(kind, aperture, pages)).ArrayOf(2)
        from count in Gen.Choose(1, 4)
        from groups in Group.ArrayOf(count)
        select new HostCase(units, groups);

    /// <summary>Makes the host.</summary>
    public void Build(EmulatedHostBuilder host)
    {
        foreach (var (unit, at) in Units.Select((unit, at) => (unit, at)))
        {
            host.Unit(UnitName(at), unit.Kind, unit.Aperture, unit.PageSizes);
        }

        foreach (var (group, at) in Groups.Select((group, at) => (group, at)))
        {
            host.Group(at + 1);
            if (group.IsMediated)
            {
                host.Mediated(Mediated(at + 1));
                continue;
            }

            for (var function = 0; function < group.Drivers.Count; function++)
            {
                host.Device(Physical(at + 1, function), group.Drivers[function], unit: UnitName(group.Unit));
            }

            foreach (var (kind, range) in group.Regions)
            {
                host.Reserved(kind, range);
            }
        }
    }

    public override string ToString() => string.Join("; ", Groups.Select((group, at) =>
        $"group {at + 1}{(group.IsMediated ? " mediated" : $" on {Units[group.Unit]}, drivers {string.Join(',', group.Drivers)}, {string.Join(' ', group.Regions)}")}"));

    private static Gen<GroupCase> Group =>
        from unit in Gen.Choose(0, 1)
        from drivers in (from count in Gen.Choose(1, 2)
                         from some in Gen.Frequency((20, Gen.Constant((string?)"vfio-pci")), (1, Gen.Constant((string?)null)), (1, Gen.Constant((string?)"e1000e"))).ArrayOf(count)
                         select some)
        from regions in (from count in Gen.Choose(0, 3) from some in Regions.ArrayOf(count) select some)
        from isMediated in Gen.Frequency((4, Gen.Constant(false)), (1, Gen.Constant(true)))
        select new GroupCase(unit, drivers, isMediated ? [] : [.. regions.DistinctBy(region => region.Range)], isMediated);

    private static string Physical(int group, int function) => $"0000:{group:x2}:00.{function}";

    private static string Mediated(int group) => $"00000000-0000-0000-0000-{group:x12}";

    private static string UnitName(int at) => $"dmar{at}";
}
