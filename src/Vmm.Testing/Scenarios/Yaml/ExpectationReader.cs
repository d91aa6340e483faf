using Vmm.Actors;
using Vmm.Testing.Decorators;

namespace Vmm.Testing.Scenarios.Yaml;

/// <summary>What is expected of a step, and at the end.</summary>
internal static class ExpectationReader
{
    /// <param name="value">The expectations.</param>
    /// <param name="isPlan">True for a step that plans.</param>
    internal static StepExpectation Read(YamlValue value, bool isPlan)
    {
        var map = value.Map(
            "outcome", "reason", "errno", "words", "container", "containers", "windows", "skipped", "holes",
            "churn", "mapped", "calls", "call_counts", "events", "log", "decision", "pending", "plan", "problems", "topology", "bytes", "hex");
        if (map.Has("bytes") && map.Has("hex"))
        {
            map.One("bytes", "hex");
        }

        return new StepExpectation
        {
            Outcome = map.Find("outcome") is { } outcome ? Outcome(outcome) : null,
            AnyOutcome = map.Find("outcome") is { } any && Outcome(any) is null,
            Reason = map.Find("reason") is { } reason ? Reason(reason) : null,
            Errno = map.Find("errno")?.Errno().Name,
            Words = Texts(map.Find("words")),
            Container = map.Find("container")?.Int(0, int.MaxValue),
            Containers = map.Find("containers")?.Int(0, int.MaxValue),
            Windows = map.Find("windows") is { } windows ? [.. windows.List("write ranges, such as [0x0-0xfedfffff]").Select(range => range.Range())] : null,
            Skipped = Texts(map.Find("skipped")),
            Holes = Texts(map.Find("holes")),
            Churn = map.Find("churn")?.Number(),
            Mapped = Texts(map.Find("mapped")),
            Calls = Texts(map.Find("calls")),
            CallCounts = map.Find("call_counts") is { } counts ? Counts(counts) : null,
            Events = Texts(map.Find("events")),
            Log = Texts(map.Find("log")),
            Decision = Texts(map.Find("decision")),
            Pending = Texts(map.Find("pending")),
            Plan = map.Find("plan") is { } plan ? Plan(plan, isPlan) : null,
            Problems = Texts(map.Find("problems")),
            Topology = map.Find("topology") is { } groups ? [.. groups.OneOrList().Select(Group)] : null,
            Bytes = map.Find("hex") is { } hex ? hex.Hex() : map.Find("bytes")?.Utf8(),
        };
    }

    private static PlanExpectation Plan(YamlValue value, bool isPlan)
    {
        var map = value.Map("conflicts", "costs", "hole_costs", "entries", "layout");
        var entries = map.Find("entries")?.Map("needed", "left");
        return !isPlan
            ? throw value.Error("stands in a step that does not plan", "write it under the expect of a plan step")
            : new PlanExpectation
            {
                Conflicts = Texts(map.Find("conflicts")),
                Costs = Texts(map.Find("costs")),
                HoleCosts = Texts(map.Find("hole_costs")),
                EntriesNeeded = entries?.Find("needed")?.Int(0, int.MaxValue),
                EntriesLeft = entries?.Find("left")?.Int(0, int.MaxValue),
                Layout = Texts(map.Find("layout")),
            };
    }

    private static GroupExpectation Group(YamlValue value)
    {
        var map = value.Map("group", "regions", "unknown", "devices", "viable", "hazards");
        return new GroupExpectation(map.Get("group", "its number").Int(0, int.MaxValue))
        {
            Regions = Texts(map.Find("regions")),
            Unknown = map.Find("unknown")?.Text("write a piece of the reason, or '' for known"),
            Devices = Texts(map.Find("devices")),
            IsViable = map.Find("viable")?.Bool(),
            Hazards = Texts(map.Find("hazards")),
        };
    }

    internal static EndExpectation End(YamlValue? value)
    {
        if (value is null)
        {
            return new EndExpectation();
        }

        var map = value.Map("descriptors", "mappings", "leases", "check");
        return new EndExpectation
        {
            Descriptors = map.Find("descriptors")?.Int(0, int.MaxValue) ?? 0,
            Mappings = map.Find("mappings")?.Int(0, int.MaxValue) ?? 0,
            Leases = map.Find("leases")?.Int(0, int.MaxValue) ?? 0,
            Check = map.Find("check")?.Bool() ?? true,
        };
    }

    /// <returns>Null for any.</returns>
    private static StepOutcome? Outcome(YamlValue value) => value.Word<StepOutcome?>(
        [.. Enum.GetValues<StepOutcome>().Where(outcome => outcome is not (StepOutcome.Stalled or StepOutcome.Skipped)).Select(outcome => (Words.Of(outcome), (StepOutcome?)outcome)), ("any", null)]);

    private static RefusalReason Reason(YamlValue value) => value.Word(
        [.. Enum.GetValues<RefusalReason>().Select(reason => (reason.ToString(), reason))]);

    private static List<string>? Texts(YamlValue? value) =>
        value is null ? null : [.. value.OneOrList().Select(text => text.Text("write text"))];

    private static Dictionary<string, int> Counts(YamlValue value) =>
        value.Pairs("write a number for each call").ToDictionary(
            pair => pair.Key.Word([.. CallNames.Requests.Select(name => (name, name))]), pair => pair.Value.Int(0, int.MaxValue), StringComparer.Ordinal);
}
