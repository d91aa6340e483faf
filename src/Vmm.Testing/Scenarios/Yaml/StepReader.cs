using Vmm.Iommu.Planning;
using Vmm.Testing.Decorators;

namespace Vmm.Testing.Scenarios.Yaml;

/// <summary>Steps.</summary>
internal sealed class StepReader(IReadOnlyList<SpaceScript> spaces)
{
    private static readonly string[] Actions =
    [
        "attach", "plan", "rules", "detach", "prepare", "commit", "host", "fail", "dma", "guest",
        "concurrently", "abandon", "stop", "kill", "fault", "discard", "map", "unmap", "viommu", "advance",
    ];

    internal List<ScenarioStep> Steps(YamlValue value) =>
        [.. value.List("write a list of steps").Select(step => Step(step, mayBeConcurrent: true))];

    private ScenarioStep Step(YamlValue value, bool mayBeConcurrent)
    {
        var map = value.Map([.. Actions, "name", "space", "expect"]);
        var (action, content) = map.One(Actions);
        if (action == "concurrently" && !mayBeConcurrent)
        {
            throw content.Error("stands inside another concurrently", "put all its steps into one list");
        }

        var name = map.Find("space") is { } space ? Space(space) : null;
        if (action is "map" or "unmap" or "viommu")
        {
            MustBeTranslated(content, name);
        }

        return Act(action, content) with
        {
            Name = map.Find("name")?.Text("write a line") ?? "",
            Space = name,
            Expect = map.Find("expect") is { } expect ? ExpectationReader.Read(expect, action == "plan") : new StepExpectation(),
            Place = value.Place,
        };
    }

    private ScenarioStep Act(string action, YamlValue value) => action switch
    {
        "attach" => Attach(value),
        "plan" => Plan(value),
        "rules" => RulesReader.Read(value),
        "detach" => new ScenarioStep.Detach(value.DeviceName()),
        "prepare" => new ScenarioStep.Prepare(MemoryReader.Edits(value)),
        "commit" => new ScenarioStep.Commit(value.IsText ? Prepared(value) : MemoryReader.Edits(value)),
        "host" => new ScenarioStep.Host(HostReader.Changes(value)),
        "fail" => Fail(value),
        "dma" => Dma(value),
        "guest" => Guest(value),
        "concurrently" => Concurrently(value),
        "abandon" => Abandon(value),
        "stop" => new ScenarioStep.EndActor(Actor(value), ActorEnd.Stop),
        "kill" => new ScenarioStep.EndActor(Actor(value), ActorEnd.Kill),
        "fault" => Fault(value),
        "discard" => Discard(value),
        "map" => GuestReader.Map(value),
        "unmap" => GuestReader.Unmap(value),
        "viommu" => GuestReader.Iommu(value),
        _ => new ScenarioStep.Advance(value.Time()),
    };

    private ScenarioStep.Concurrently Concurrently(YamlValue value)
    {
        var steps = value.List("write a list of steps").Select(step => Step(step, mayBeConcurrent: false)).ToList();
        return steps.Count > 0 ? new(steps) : throw value.Error("no step", "write at least one");
    }

    private string Space(YamlValue value)
    {
        var name = value.Text("write the name of an address space");
        return spaces.Any(space => space.Name == name)
            ? name
            : throw value.Error($"there is no address space '{name}'", Suggestion.Among(name, [.. spaces.Select(space => space.Name)]));
    }

    private void MustBeTranslated(YamlValue value, string? name)
    {
        var space = name is null ? spaces[0] : spaces.First(known => known.Name == name);
        if (!space.HasGuestIommu)
        {
            throw value.Error($"the space {space.Name} has no vIOMMU", "write viommu: true in its memory, or name another space");
        }
    }

    private static ScenarioStep.Attach Attach(YamlValue value)
    {
        var (device, policy, keep) = Attachment(value, "keep_if");
        return new ScenarioStep.Attach(device) { Policy = policy, KeepIf = keep };
    }

    private static ScenarioStep.Plan Plan(YamlValue value)
    {
        var (device, policy, _) = Attachment(value, "probe");
        return new ScenarioStep.Plan(device) { Policy = policy };
    }

    private static (string Device, AttachPolicy Policy, KeepScript? Keep) Attachment(YamlValue value, params string[] more)
    {
        if (value.IsText)
        {
            return (value.DeviceName(), AttachPolicy.Default, null);
        }

        var map = value.Map(["device", "allow_new_container", "freeze_windows", "may_break_told_windows", .. more]);
        var policy = AttachPolicy.Default;
        return (map.Get("device", "its name in sysfs").DeviceName(), policy with
        {
            AllowSecondContainer = map.Find("allow_new_container")?.Bool() ?? policy.AllowSecondContainer,
            FreezeIova = map.Find("freeze_windows")?.Bool() ?? policy.FreezeIova,
            Probe = more.Contains("probe") && map.Find("probe") is { } probe && probe.Bool(),
            MayBreakToldWindows = map.Find("may_break_told_windows")?.Bool() ?? policy.MayBreakToldWindows,
        }, map.Find("keep_if") is { } keep ? RulesReader.Keep(keep) : null);
    }

    private static List<ViewEdit>? Prepared(YamlValue value) => value.Word<List<ViewEdit>?>(("prepared", null));

    private static ScenarioStep.Fail Fail(YamlValue value)
    {
        var map = value.Map("call", "nth", "errno", "when");
        return new ScenarioStep.Fail(
            map.Find("call")?.Word([.. CallNames.Devices.Select(name => (name, name))]),
            map.Find("nth")?.Int(1, int.MaxValue) ?? 1,
            map.Get("errno", "such as EINVAL").Errno(),
            map.Find("when")?.Word(("before", false), ("after", true)) ?? false);
    }

    private static ScenarioStep Dma(YamlValue value)
    {
        var map = value.Map("device", "iova", "write", "hex", "read");
        var device = map.Get("device", "its name in sysfs").DeviceName();
        var iova = map.Get("iova", "an address").Number();
        return map.One("write", "hex", "read") is ("read", var count)
            ? new ScenarioStep.DmaRead(device, iova, count.Int(1, 1 << 20))
            : new ScenarioStep.DmaWrite(device, iova, Bytes(map));
    }

    private static ScenarioStep Guest(YamlValue value)
    {
        var map = value.Map("address", "write", "hex", "read");
        var address = map.Get("address", "a guest address").Number();
        return map.One("write", "hex", "read") is ("read", var count)
            ? new ScenarioStep.GuestRead(address, count.Int(1, 1 << 20))
            : new ScenarioStep.GuestWrite(address, Bytes(map));
    }

    private static ReadOnlyMemory<byte> Bytes(YamlMap map) => map.Find("hex") is { } hex ? hex.Hex() : map.Get("write", "text").Utf8();

    private static ScenarioStep.Abandon Abandon(YamlValue value)
    {
        var map = value.Map("attach", "after");
        return new ScenarioStep.Abandon(map.Get("attach", "a device").DeviceName(), map.Find("after")?.Int(0, int.MaxValue) ?? 0);
    }

    private static ScenarioStep.EndActor Fault(YamlValue value)
    {
        if (value.IsText)
        {
            return new ScenarioStep.EndActor(Actor(value), ActorEnd.Fault);
        }

        var map = value.Map("actor", "nth");
        return new ScenarioStep.EndActor(Actor(map.Get("actor", "its path")), ActorEnd.Fault, map.Find("nth")?.Int(1, int.MaxValue) ?? 1);
    }

    private static string Actor(YamlValue value)
    {
        const string Form = "write a path such as /user/vmm/host";
        var path = value.Text(Form);
        return path.StartsWith("/user/", StringComparison.Ordinal) ? path : throw value.Error($"'{path}' is no actor's path", Form);
    }

    private static ScenarioStep.Discard Discard(YamlValue value) =>
        value.IsText
            ? new ScenarioStep.Discard(value.Word(("agree", Iommu.Results.Errno.None)))
            : new ScenarioStep.Discard(value.Map("errno").Get("errno", "such as EBUSY").Errno());
}
