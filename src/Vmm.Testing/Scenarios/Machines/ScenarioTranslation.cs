using System.Globalization;
using System.Text.RegularExpressions;
using Vmm.Actors;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.Reserved;

namespace Vmm.Testing.Scenarios.Machines;

/// <summary>Writes a scenario in the names of another machine: devices, groups, windows, and what expectations say of them. Pure.</summary>
internal sealed partial class ScenarioTranslation
{
    private readonly RealPlace _place;
    private readonly ValidIovaRanges _there;
    private readonly IReadOnlySet<string> _known;
    private readonly Regex _names;
    private readonly HashSet<string> _unknown = new(StringComparer.Ordinal);

    /// <param name="place">What stands for what.</param>
    /// <param name="known">All devices of the scenario's host; one that nothing stands for cannot be spoken of.</param>
    internal ScenarioTranslation(RealPlace place, IReadOnlySet<string> known)
    {
        _place = place;
        _there = place.Lacking.Complement();
        _known = known;
        var devices = string.Join('|', known.Concat(place.Devices.Keys).Concat(place.NativeDrivers.Keys).Distinct(StringComparer.Ordinal).OrderByDescending(name => name.Length).Select(Regex.Escape));
        _names = new Regex(
            (devices.Length > 0 ? $"(?<device>{devices})|" : "") + @"(?<=\bgroups? |iommu_groups/|/group-|/dev/vfio/)(?<group>\d+)",
            RegexOptions.CultureInvariant,
            TimeSpan.FromSeconds(5));
    }

    /// <summary>Devices and groups that were spoken of and that nothing stands for.</summary>
    internal IReadOnlyCollection<string> Unknown => _unknown;

    internal HotplugScenario Of(HotplugScenario scenario) => scenario with
    {
        Spaces = [.. scenario.Spaces.Select(space => space with { Memory = Of(space.Memory) })],
        Steps = [.. scenario.Steps.Select(Of)],
    };

    private ScenarioStep Of(ScenarioStep step)
    {
        ScenarioStep same = step switch
        {
            ScenarioStep.Attach attach => attach with { Device = Device(attach.Device), KeepIf = attach.KeepIf is { } keep ? keep with { Windows = Windows(keep.Windows) } : null },
            ScenarioStep.Rules rules => rules with { Change = given => Told(rules.Change(given)) },
            ScenarioStep.Plan plan => plan with { Device = Device(plan.Device) },
            ScenarioStep.Detach detach => detach with { Device = Device(detach.Device) },
            ScenarioStep.Abandon abandon => abandon with { Device = Device(abandon.Device) },
            ScenarioStep.DmaWrite write => write with { Device = Device(write.Device) },
            ScenarioStep.DmaRead read => read with { Device = Device(read.Device) },
            ScenarioStep.Host host => host with { Changes = [.. host.Changes.Select(Of)] },
            ScenarioStep.Prepare prepare => prepare with { Edits = [.. prepare.Edits.Select(Of)] },
            ScenarioStep.Commit { Edits: { } edits } commit => commit with { Edits = [.. edits.Select(Of)] },
            ScenarioStep.Concurrently together => together with { Steps = [.. together.Steps.Select(Of)] },
            ScenarioStep.EndActor end => end with { Actor = Text(end.Actor) },
            _ => step,
        };
        return same with { Expect = Of(step.Expect, step is ScenarioStep.DmaWrite or ScenarioStep.DmaRead) };
    }

    /// <summary>A machine's device does not say why its access did not arrive.</summary>
    private StepExpectation Of(StepExpectation expect, bool isDma) => expect with
    {
        Words = isDma ? null : Texts(expect.Words),
        Windows = Windows(expect.Windows),
        Skipped = Texts(expect.Skipped),
        Holes = Texts(expect.Holes),
        Calls = Texts(expect.Calls),
        Events = Texts(expect.Events),
        Log = Texts(expect.Log),
        Decision = Texts(expect.Decision),
        Pending = Texts(expect.Pending),
        Plan = expect.Plan is { } plan ? Of(plan) : null,
        Topology = expect.Topology is { } groups ? [.. groups.Select(Of)] : null,
    };

    private PlanExpectation Of(PlanExpectation plan) => plan with
    {
        Conflicts = Texts(plan.Conflicts),
        Costs = Texts(plan.Costs),
        HoleCosts = Texts(plan.HoleCosts),
        Layout = Texts(plan.Layout),
    };

    private GroupExpectation Of(GroupExpectation group) => group with
    {
        Group = int.Parse(Group($"{group.Group}"), CultureInfo.InvariantCulture),
        Regions = Texts(group.Regions),
        Unknown = group.Unknown is { } why ? Text(why) : null,
        Devices = group.Devices is { } devices ? [.. devices.Select(Text).Order(StringComparer.Ordinal)] : null,
    };

    private HostChange Of(HostChange change) => change switch
    {
        HostChange.Bind bind => bind with { Device = Device(bind.Device), Driver = _place.NativeDrivers.GetValueOrDefault(bind.Driver, bind.Driver) },
        HostChange.Add add => add with { Device = add.Device with { Address = Device(add.Device.Address), Group = add.Device.Group is { } group ? int.Parse(Group($"{group}"), CultureInfo.InvariantCulture) : null } },
        HostChange.Unbind unbind => unbind with { Device = Device(unbind.Device) },
        HostChange.Remove remove => remove with { Device = Device(remove.Device) },
        _ => change,
    };

    private ViewEdit Of(ViewEdit edit) => edit switch
    {
        ViewEdit.Set set => set with { Memory = Of(set.Memory) },
        ViewEdit.Add add => add with { Sections = [.. add.Sections.Select(Of)] },
        _ => edit,
    };

    private MemoryScript Of(MemoryScript memory) => memory with { Sections = [.. memory.Sections.Select(Of)] };

    private SectionScript Of(SectionScript section) =>
        section with { Name = Text(section.Name), Bar = section.Bar is { } bar ? Text(bar) : null };

    private List<string>? Texts(IReadOnlyList<string>? texts) => texts is null ? null : [.. texts.Select(Text)];

    private string Text(string text) =>
        Range().Replace(_names.Replace(text, match => match.Groups["device"].Success ? Device(match.Value) : Group(match.Value)), match => RangeText(match.Value));

    private string Device(string name) =>
        _place.Devices.TryGetValue(name, out var real) || _place.NativeDrivers.TryGetValue(name, out real) ? real : Same(name, _known.Contains(name));

    private IReadOnlyList<IovaRange>? Windows(IReadOnlyList<IovaRange>? windows) => windows is null || _place.Lacking.Count == 0 ? windows : [.. _there.Intersect(new(windows))];

    private SpaceRules Told(SpaceRules rules) => rules with { ToldWindows = rules.ToldWindows?.Intersect(_there) };

    /// <summary>A range that reaches into what the machine lacks is a window: nothing else of the scenario lies there.</summary>
    private string RangeText(string text)
    {
        var ends = text.Split('-').Select(end => ulong.TryParse(end.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value) ? value : (ulong?)null).ToList();
        if (ends is not [{ } start, { } last] || start > last)
        {
            return text;
        }

        var window = IovaRange.FromBounds(start, last);
        return _place.Lacking.Any(window.Overlaps) && _there.Intersect(new([window])) is { Count: > 0 } left ? left.ToString() : text;
    }

    private string Group(string number) =>
        _place.Groups.TryGetValue(int.Parse(number, CultureInfo.InvariantCulture), out var real) ? $"{real}" : Same($"group {number}", isUnknown: true)["group ".Length..];

    [GeneratedRegex("0x[0-9a-f]+-0x[0-9a-f]+", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Range();

    private string Same(string what, bool isUnknown)
    {
        if (isUnknown)
        {
            _unknown.Add(what);
        }

        return what;
    }
}
