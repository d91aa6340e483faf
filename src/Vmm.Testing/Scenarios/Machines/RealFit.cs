using Vmm.Iommu.Addressing;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Topology;

namespace Vmm.Testing.Scenarios.Machines;

/// <summary>
/// Finds for each group of devices that a scenario uses a group of the machine that is alike: as many devices, mediated or not, what
/// it reserves reserved too, all mappable that the scenario maps, BARs as large. Pure but for the reach, which is asked for.
/// </summary>
/// <param name="wanted">The scenario's host.</param>
/// <param name="found">The machine.</param>
/// <param name="asked">Devices of the machine by devices of the scenario, as a person said.</param>
internal sealed class RealFit(HostTopology wanted, HostTopology found, IReadOnlyDictionary<string, string> asked)
{
    private static readonly ValidIovaRanges Nothing = new([]);

    private readonly Dictionary<string, string> _devices = new(StringComparer.Ordinal);
    private readonly Dictionary<int, int> _groups = [];
    private readonly Dictionary<string, string?> _drivers = new(StringComparer.Ordinal);
    private ValidIovaRanges? _lacking;

    /// <summary>Devices that move bytes: those whose engine can be driven stand for them where there is a choice.</summary>
    internal required IReadOnlySet<string> Movers { get; init; }

    /// <summary>BARs that views show, with how much of each.</summary>
    internal required IReadOnlyList<(string Device, int Bar, UInt128 Length)> Bars { get; init; }

    /// <summary>What the IOMMU of a device of the scenario's host can map; null for one that does not say.</summary>
    internal required Func<HostDevice, IovaRange?> WantedReach { get; init; }

    /// <summary>What the IOMMU of a group of the machine can map; null where it does not say.</summary>
    internal required Func<IommuGroupId, IovaRange?> FoundReach { get; init; }

    /// <summary>What the scenario does in IOVAs that a group of the machine lacks, in words; null for nothing.</summary>
    internal required Func<ValidIovaRanges, string?> Missed { get; init; }

    /// <summary>Finds a place for the devices named.</summary>
    /// <param name="names">Devices of the scenario.</param>
    /// <param name="why">Why there is none.</param>
    internal RealPlace? TryFind(IReadOnlyList<string> names, out string why)
    {
        why = "";
        var used = names.Select(name => wanted.TryGetDevice(name, out var device) ? device : null).OfType<HostDevice>().ToList();
        foreach (var loose in used.Where(device => device.Group is null))
        {
            if (!TryTakeLoose(loose))
            {
                why = $"no device of this machine is in no group, as {loose.Name} is";
                return null;
            }
        }

        // Those with the fewest places choose first.
        var choices = used.Select(device => device.Group).OfType<IommuGroupId>().Distinct()
            .Select(group => (Group: group, Places: found.Groups.Select(place => (Place: place, Why: WhyNot(group, place.Id))).ToList()))
            .OrderBy(choice => choice.Places.Count(place => place.Why is null)).ThenBy(choice => choice.Group);
        foreach (var (group, places) in choices)
        {
            var free = places.Where(place => place.Why is null && !_groups.ContainsValue(place.Place.Id.Value)).Select(place => place.Place.Id).Where(place => LacksTheSame(group, place));
            if (free.OrderByDescending(place => Liking(group, place)).ThenBy(place => place).Cast<IommuGroupId?>().FirstOrDefault() is not { } chosen)
            {
                why = WhyNone(group, places);
                return null;
            }

            Take(group, chosen);
        }

        return new RealPlace(_devices, _groups, _drivers) { Lacking = _lacking ?? Nothing };
    }

    /// <summary>A device that no IOMMU serves stands for one; a driver that it has stays.</summary>
    private bool TryTakeLoose(HostDevice ours)
    {
        var there = found.Devices.Where(device => device.Group is null && !device.IsBridge && device.Driver == ours.Driver && !_devices.ContainsValue(device.Name));
        if (there.OrderBy(device => device.Name == ours.Name ? 0 : 1).FirstOrDefault() is not { } theirs)
        {
            return false;
        }

        _devices[ours.Name] = theirs.Name;
        return true;
    }

    private string WhyNone(IommuGroupId group, List<(IommuGroup Place, string? Why)> places)
    {
        var members = string.Join(" and ", Endpoints(wanted, group).Select(device => device.Name));
        var taken = places.Where(place => place.Why is null).Select(place => $"group {place.Place.Id} is taken, or does not map what another does");
        var reasons = taken.Concat(places.Select(place => place.Why).OfType<string>()).GroupBy(reason => reason).OrderBy(same => same.Count()).Take(4);
        var words = places.Count == 0 ? "it has no groups" : string.Join("; ", reasons.Select(reason => reason.Key));
        return $"no group of this machine can stand for group {group} with {members}: {words}";
    }

    private string? WhyNot(IommuGroupId group, IommuGroupId place)
    {
        var (ours, theirs) = (Endpoints(wanted, group), Endpoints(found, place));
        wanted.TryGetGroup(group, out var shape);
        found.TryGetGroup(place, out var real);
        if (ours.Count != theirs.Count || ours.Any(device => device.IsMediated) != theirs.Any(device => device.IsMediated))
        {
            return $"no other has {ours.Count} {(ours.Any(device => device.IsMediated) ? "mediated " : "")}device{(ours.Count == 1 ? "" : "s")}";
        }

        if (shape!.HasNoIommu != real!.HasNoIommu && !ours.Any(device => device.IsMediated))
        {
            return $"group {place} is {(real.HasNoIommu ? "behind no IOMMU" : "behind an IOMMU")}";
        }

        return !IsReservedIn(shape, real) ? $"others reserve {RegionsOf(real)}, not {RegionsOf(shape)}"
            : Pairs(group, place) is not { } pairs ? $"group {place} is not what was asked for"
            : pairs.Select(pair => WhyNot(pair.Ours, pair.Theirs)).FirstOrDefault(why => why is not null) ?? (HasSpace(group) ? WhyShort(group, place) : null);
    }

    /// <summary>All that the scenario's group reserves the other does too; beyond that it may have holes, which are looked at as what it lacks.</summary>
    private static bool IsReservedIn(IommuGroup shape, IommuGroup real) =>
        Lines(shape.Reserved.Regions).All(Lines(real.Reserved.Regions).Contains)
        && Lines(real.Reserved.Regions.Where(region => !region.IsHole)).All(Lines(shape.Reserved.Regions).Contains);

    private string? WhyNot(HostDevice ours, HostDevice theirs)
    {
        var isAskedFor = asked.Values.Contains(theirs.Name, StringComparer.Ordinal);
        if (!ours.IsMediated && theirs.Binding == DriverBinding.UsesDmaApi && ours.Binding != DriverBinding.UsesDmaApi && !isAskedFor)
        {
            return $"{theirs.Name} is the host's ({theirs.Driver}); give it to a VFIO driver, or name it with --map";
        }

        if (!ours.IsMediated && theirs.Binding == DriverBinding.None && ours.Binding == DriverBinding.Vfio && !isAskedFor)
        {
            return $"{theirs.Name} has no driver; give it to vfio-pci, or name it with --map";
        }

        if (ours.Binding == DriverBinding.UsesDmaApi && theirs.Binding != DriverBinding.UsesDmaApi)
        {
            return $"{theirs.Name} has no driver of the host";
        }

        var small = Bars.Where(bar => bar.Device == ours.Name).FirstOrDefault(bar => LengthOf(theirs, bar.Bar) < bar.Length);
        return small.Device is null ? null : $"BAR {small.Bar} of {theirs.Name} has {LengthOf(theirs, small.Bar)} bytes, not {small.Length}";
    }

    private string? WhyShort(IommuGroupId group, IommuGroupId place)
    {
        var (ours, theirs) = Spaces(group, place);
        return theirs.Intersect(ours.Complement()) is { Count: > 0 } more ? $"group {place} can map {more} besides"
            : Missed(Lacking(group, place)) is { } missed ? $"group {place} can map {theirs}, not {ours}, and {missed}"
            : null;
    }

    private bool LacksTheSame(IommuGroupId group, IommuGroupId place) =>
        _lacking is null || !HasSpace(group) || _lacking.Equals(Lacking(group, place));

    /// <summary>True where an IOMMU translates for a group of the scenario.</summary>
    private bool HasSpace(IommuGroupId group) => !Endpoints(wanted, group)[0].IsMediated && wanted.TryGetGroup(group, out var shape) && !shape.HasNoIommu;

    private ValidIovaRanges Lacking(IommuGroupId group, IommuGroupId place)
    {
        var (ours, theirs) = Spaces(group, place);
        return ours.Intersect(theirs.Complement());
    }

    /// <summary>What both can map. Where one does not say how far it reaches, both are taken to reach as far.</summary>
    private (ValidIovaRanges Ours, ValidIovaRanges Theirs) Spaces(IommuGroupId group, IommuGroupId place)
    {
        var ours = WantedReach(Endpoints(wanted, group)[0]);
        var theirs = FoundReach(place);
        var isKnown = ours is not null && theirs is not null;
        return (Space(isKnown ? ours : null, wanted, group), Space(isKnown ? theirs : null, found, place));
    }

    private static ValidIovaRanges Space(IovaRange? reach, HostTopology host, IommuGroupId id)
    {
        host.TryGetGroup(id, out var group);
        return group!.Reserved.Regions.Where(region => region.IsHole).Aggregate(new ValidIovaRanges([reach ?? IovaRange.All]), (space, region) => space.Without(region.Range));
    }

    private int Liking(IommuGroupId group, IommuGroupId place)
    {
        var pairs = Pairs(group, place) ?? [];
        var engines = pairs.Count(pair => LinuxMachine.HasEngine(pair.Theirs));
        var moved = pairs.Count(pair => Movers.Contains(pair.Ours.Name) && LinuxMachine.HasEngine(pair.Theirs));
        var bridges = Bridges(wanted, group).Count == Bridges(found, place).Count ? 5 : 0;
        // A device without an engine shows nothing of what it reaches, so that its name is worth less. An engine is left to who moves bytes.
        return (moved * 1000) + (pairs.Count(pair => pair.Ours.Name == pair.Theirs.Name) * 100) + bridges - engines;
    }

    private void Take(IommuGroupId group, IommuGroupId place)
    {
        _groups[group.Value] = place.Value;
        _lacking ??= HasSpace(group) ? Lacking(group, place) : null;
        foreach (var (ours, theirs) in Pairs(group, place) ?? [])
        {
            _devices[ours.Name] = theirs.Name;
            if (!ours.IsMediated && ours.Binding != DriverBinding.UsesDmaApi)
            {
                _drivers[theirs.Name] = ours.Driver;
            }
        }

        // Bridges of a group have no part but to be named.
        var (bridges, there) = (Bridges(wanted, group), Bridges(found, place));
        foreach (var (ours, theirs) in bridges.Count == there.Count ? bridges.Zip(there) : [])
        {
            _devices[ours.Name] = theirs.Name;
        }
    }

    /// <summary>Which device stands for which: as asked for, the others in order of their names. Null where it cannot be as asked.</summary>
    private List<(HostDevice Ours, HostDevice Theirs)>? Pairs(IommuGroupId group, IommuGroupId place)
    {
        var (ours, theirs) = (Endpoints(wanted, group), Endpoints(found, place));
        var pairs = new List<(HostDevice Ours, HostDevice Theirs)>();
        var free = theirs.Where(device => !asked.Values.Contains(device.Name, StringComparer.Ordinal)).ToList();
        foreach (var device in ours)
        {
            var other = asked.TryGetValue(device.Name, out var name) ? theirs.FirstOrDefault(there => there.Name == name) : free.FirstOrDefault();
            if (other is null)
            {
                return null;
            }

            free.Remove(other);
            pairs.Add((device, other));
        }

        return pairs;
    }

    private static UInt128 LengthOf(HostDevice device, int bar) =>
        device.Resources.FirstOrDefault(resource => resource.Index == bar && resource.IsMemory)?.Length ?? 0;

    private static string RegionsOf(IommuGroup group) =>
        group.Reserved.Regions.Count == 0 ? "nothing" : string.Join(", ", Lines(group.Reserved.Regions));

    private static IEnumerable<string> Lines(IEnumerable<ReservedRegion> regions) => regions.Select(region => $"{region.Range} {ReservedRegionLine.WordOf(region.Kind)}");

    private static List<HostDevice> Endpoints(HostTopology host, IommuGroupId group) => [.. host.DevicesOf(group).Where(device => !device.IsBridge)];

    private static List<HostDevice> Bridges(HostTopology host, IommuGroupId group) => [.. host.DevicesOf(group).Where(device => device.IsBridge)];
}
