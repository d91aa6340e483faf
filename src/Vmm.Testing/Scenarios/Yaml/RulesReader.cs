using Vmm.Iommu.Addressing;
using Vmm.Iommu.Reserved;

namespace Vmm.Testing.Scenarios.Yaml;

/// <summary>Rules of a space, and conditions for keeping an attach.</summary>
internal static class RulesReader
{
    internal static ScenarioStep.Rules Read(YamlValue value)
    {
        var map = value.Map("holes", "told_windows", "freeze_windows");
        var holes = map.Find("holes") is { } list ? Ranges(list) : null;
        var told = map.Find("told_windows") is { } windows ? Told(windows) : null;
        var freeze = map.Find("freeze_windows")?.Bool();
        string[] asked =
        [
            .. holes is null ? Array.Empty<string>() : [$"holes {(holes.Count == 0 ? "none" : string.Join(' ', holes))}"],
            .. told is null ? Array.Empty<string>() : [$"the guest was told {told.Windows?.ToString() ?? "nothing"}"],
            .. freeze is null ? Array.Empty<string>() : [freeze.Value ? "windows frozen" : "windows not frozen"],
        ];
        return asked.Length == 0
            ? throw value.Error("no rule", "write at least one of holes, told_windows, freeze_windows")
            : new ScenarioStep.Rules(
                rules => rules with
                {
                    Holes = holes ?? rules.Holes,
                    ToldWindows = told is null ? rules.ToldWindows : told.Windows,
                    FreezeWindows = freeze ?? rules.FreezeWindows,
                },
                $"rules: {string.Join(", ", asked)}");
    }

    internal static KeepScript Keep(YamlValue value)
    {
        var map = value.Map("windows", "container", "skipped");
        var keep = new KeepScript
        {
            Windows = map.Find("windows") is { } windows ? Ranges(windows) : null,
            IsNewContainer = map.Find("container")?.Word<bool?>(("new", true), ("shared", false)),
            Skipped = map.Find("skipped")?.Int(0, int.MaxValue),
        };
        return keep != new KeepScript() ? keep : throw value.Error("no condition", "write at least one of windows, container, skipped");
    }

    internal static List<IovaRange> Ranges(YamlValue value) =>
        [.. value.List("write ranges, such as [0x0-0xfedfffff]").Select(range => range.Range())];

    private static ToldScript Told(YamlValue value) =>
        new(value.IsText ? value.Word<ValidIovaRanges?>(("none", null)) : new ValidIovaRanges(Ranges(value)));

    private sealed record ToldScript(ValidIovaRanges? Windows);
}
