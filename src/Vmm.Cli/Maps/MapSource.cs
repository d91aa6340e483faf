using Vmm.Cli.Drawing;
using Vmm.Testing.Captures;
using Vmm.Testing.Scenarios;

namespace Vmm.Cli.Maps;

/// <summary>Turns a file into pictures.</summary>
internal static class MapSource
{
    private const string Right = "name a scenario (.yaml), a capture (.json), or what \"info mtree -f\" prints (.txt)";

    /// <summary>Runs, replays or plans what the file tells.</summary>
    /// <exception cref="CliException">The file or an option cannot be used.</exception>
    internal static MapStory Read(MapRequest request)
    {
        var kind = KindOf(request.File);
        CheckOptions(request, kind);
        try
        {
            return kind switch
            {
                MapKind.Scenario => OfScenario(HotplugScenario.Load(request.File), request.Seed, step => step.Passed),
                MapKind.Capture => CaptureStory.Of(request),
                _ => MemoryStory.Of(request),
            };
        }
        catch (Exception wrong) when (wrong is ScenarioFormatException or CaptureFormatException or FormatException)
        {
            throw new CliException(wrong.Message, ExitCode.Error, wrong);
        }
    }

    /// <summary>Runs a scenario.</summary>
    /// <param name="scenario">The scenario.</param>
    /// <param name="seed">The order; null for its own.</param>
    /// <param name="isGood">Whether a step came as it was meant to.</param>
    internal static MapStory OfScenario(HotplugScenario scenario, int? seed, Func<StepResult, bool> isGood)
    {
        var story = new StoryBuilder();
        scenario.Run(seed, step => story.Add(
            step.Number, step.Asked, Happened(step), step.Spaces, step.Topology, StoryBuilder.Remapped(step.Calls), isGood(step)));
        return new MapStory(scenario.Name, scenario.About, story.Steps);
    }

    /// <summary>What a file holds, by its ending or else by how it begins.</summary>
    /// <exception cref="CliException">It cannot be read, or holds neither.</exception>
    internal static MapKind KindOf(string file)
    {
        var text = Beginning(file);
        return Path.GetExtension(file).ToLowerInvariant() switch
        {
            ".yaml" or ".yml" => MapKind.Scenario,
            ".json" => MapKind.Capture,
            ".txt" => MapKind.Memory,
            _ when text.StartsWith('{') => MapKind.Capture,
            _ when text.StartsWith("FlatView #", StringComparison.Ordinal) || text.StartsWith("(qemu)", StringComparison.Ordinal) => MapKind.Memory,
            _ when text.Contains("\nsteps:", StringComparison.Ordinal) || text.StartsWith("name:", StringComparison.Ordinal) => MapKind.Scenario,
            _ => throw new CliException($"{file}: it is neither scenario nor capture nor memory map; {Right}"),
        };
    }

    private static string Beginning(string file)
    {
        if (file.Length == 0 || Directory.Exists(file))
        {
            throw new CliException($"{(file.Length == 0 ? "FILE: the path is empty" : $"{file}: it is a directory")}; {Right}");
        }

        try
        {
            using var text = new StreamReader(file);
            var block = new char[64 << 10];
            return new string(block, 0, text.ReadBlock(block)).TrimStart();
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"{file}: {wrong.Message.TrimEnd('.')}; {Right}", ExitCode.Error, wrong);
        }
    }

    private static void CheckOptions(MapRequest request, MapKind kind)
    {
        var odd = kind switch
        {
            MapKind.Scenario when request.Host is not null => "--host: a scenario names its own host; take the option out",
            MapKind.Scenario or MapKind.Capture when request.Devices.Count > 0 => "--device: a scenario or a capture attaches devices of its own; take the option out, or name a memory map",
            MapKind.Capture or MapKind.Memory when request.Seed is not null => "--seed: only scenarios run in an order; take the option out",
            MapKind.Memory when request.Host is null => "--host: a memory map needs a host; write --host emulated:configs/hosts/q35-vtd.tar.gz",
            _ => null,
        };
        if (odd is not null)
        {
            throw new CliException($"{request.File}: {odd}");
        }
    }

    private static string Happened(StepResult step) => string.Join(
        "; ",
        (step.Parts.Count == 0 ? [step.Happened.ToString()] : step.Parts.Select(part => $"{part.Number} {part.Asked}: {part.Happened}"))
            .Concat(step.AllMismatches.Select(mismatch => $"not as expected: {mismatch}")));
}
