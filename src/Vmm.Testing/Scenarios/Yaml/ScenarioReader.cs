using System.Text.RegularExpressions;
using Vmm.Actors;
using Vmm.Iommu.Planning;
using Vmm.Testing.Scenarios.Running;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Vmm.Testing.Scenarios.Yaml;

/// <summary>Reads a scenario file: every key known, every value of its type, every path there.</summary>
internal static partial class ScenarioReader
{
    internal static HotplugScenario Read(string file)
    {
        ArgumentNullException.ThrowIfNull(file);
        if (file.Length == 0)
        {
            throw new ScenarioFormatException("a scenario", "", "its path is empty", "name a scenario file that can be read");
        }

        var root = Root(file);
        var map = root.Map("name", "about", "requirements", "seed", "mode", "backend", "host", "memory", "spaces", "steps", "expect_end");
        var spaces = Spaces(map);
        var host = map.Get("host", "{capture: FILE}, or devices of your own");
        var scenario = new HotplugScenario(map.Get("name", "a few words").Text("write a few words"))
        {
            About = map.Find("about")?.Text("write a line") ?? "",
            Requirements = [.. (map.Find("requirements")?.List("write a list such as [R0.4]") ?? []).Select(Requirement)],
            Seed = map.Find("seed")?.Int(int.MinValue, int.MaxValue) ?? 1,
            Backend = map.Find("backend")?.Word([("auto", BackendChoice.Auto), ("type1", BackendChoice.Type1), ("iommufd", BackendChoice.Iommufd)]) ?? BackendChoice.Auto,
            Mode = map.Find("mode")?.Word([("steady", MappingPlanMode.Steady), ("qemu", MappingPlanMode.Qemu)]) ?? MappingPlanMode.Steady,
            Host = HostReader.Read(host),
            Spaces = spaces,
            Steps = new StepReader(spaces).Steps(map.Get("steps", "a list of what happens")),
            End = ExpectationReader.End(map.Find("expect_end")),
        };
        CheckHost(host, scenario.Host);
        return scenario.Steps.Count > 0
            ? scenario
            : throw map.Get("steps", "a list of what happens").Error("no step", "write at least one: a scenario in which nothing happens shows nothing");
    }

    // A host that cannot be is found before this or any other scenario has begun.
    private static void CheckHost(YamlValue value, HostScript script)
    {
        try
        {
            _ = ScenarioHost.Build(script);
        }
        catch (ScenarioFormatException wrong)
        {
            throw new ScenarioFormatException(value.Place, wrong);
        }
    }

    private static YamlValue Root(string file)
    {
        var stream = new YamlStream();
        try
        {
            using var text = new StreamReader(file);
            stream.Load(text);
        }
        catch (YamlException wrong)
        {
            var reason = wrong.InnerException?.Message ?? wrong.Message;
            throw new ScenarioFormatException($"{file}:{wrong.Start.Line}:{wrong.Start.Column}", "", $"this is no YAML: {reason}", "correct it, or compare with docs/scenarios.md", wrong);
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException)
        {
            throw new ScenarioFormatException(file, "", Directory.Exists(file) ? "it is a directory" : wrong.Message.TrimEnd('.'), "name a scenario file that can be read", wrong);
        }

        return stream.Documents.Count == 1
            ? new YamlValue(stream.Documents[0].RootNode, file, "")
            : throw new ScenarioFormatException($"{file}:1:1", "", $"{stream.Documents.Count} documents", "a file holds one scenario");
    }

    private static List<SpaceScript> Spaces(YamlMap map)
    {
        var (key, value) = map.One("memory", "spaces");
        if (key == "memory")
        {
            return [MemoryReader.Space("memory", value)];
        }

        var spaces = value.Pairs("write a memory for each name").Select(pair => MemoryReader.Space(SpaceName(pair.Key), pair.Value)).ToList();
        return spaces.Count > 0 ? spaces : throw value.Error("no space", "write at least one name with its memory");
    }

    private static string SpaceName(YamlValue key)
    {
        var name = key.Text("write a name");
        return NamePattern().IsMatch(name) ? name : throw key.Error($"'{name}' is no name", "use letters, digits and hyphens");
    }

    private static string Requirement(YamlValue value)
    {
        var number = value.Text("write a number such as R0.4");
        return RequirementPattern().IsMatch(number) ? number : throw value.Error($"'{number}' is no requirement", "write a number such as R0.4");
    }

    [GeneratedRegex("^R[0-9]+\\.[0-9]+$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex RequirementPattern();

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9-]*$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex NamePattern();
}
