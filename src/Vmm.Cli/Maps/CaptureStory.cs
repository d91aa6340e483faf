using Vmm.Cli.Drawing;
using Vmm.Cli.Replays;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.Planning;
using Vmm.Iommu.Topology;
using Vmm.Testing.Captures;
using Vmm.Testing.Emulation;

namespace Vmm.Cli.Maps;

/// <summary>Replays a capture: a picture for each view and attach.</summary>
internal static class CaptureStory
{
    /// <exception cref="CliException">The host is no captured one.</exception>
    internal static MapStory Of(MapRequest request)
    {
        var capture = Capture.Load(request.File);
        var host = CaptureHost.PathOf(request.File, request.Host);
        var story = new StoryBuilder();
        var topology = new SysfsTopologyReader(new EmulatedKernel(EmulatedHost.Load(host)).ToHostKernel().Sysfs).Read(1);
        CaptureReplay.Run(capture, new ReplayOptions
        {
            Host = EmulatedHost.Load(host),
            Mode = MappingPlanMode.Steady,
            Observer = step => story.Add(
                $"{step.Captured.Index + 1}",
                ReplayWords.Asked(step.Captured),
                step.Refusal is { } refusal ? $"refused: {refusal}" : Happened(step),
                step.Spaces,
                topology,
                StoryBuilder.Remapped(Ranges(step, call => call.IsUnmap), Ranges(step, call => call.IsMap)),
                step.Difference is null),
        });
        return new MapStory(Path.GetFileNameWithoutExtension(request.File), $"replayed on {host}", story.Steps);
    }

    private static string Happened(ReplayStep step) =>
        $"{(step.Captured is CaptureStep.Attach ? "attached" : "committed")}: {ReplayWords.Calls(step.Calls.Count)}";

    private static IEnumerable<IovaRange> Ranges(ReplayStep step, Func<ReplayedCall, bool> isWanted)
    {
        foreach (var fields in step.Calls.Where(made => isWanted(made) && made.Errno.IsNone).Select(made => made.Fields))
        {
            if (Number(fields, "size") is var size && size > 0 && IovaRange.TryFromLength(Number(fields, "iova"), size, out var range))
            {
                yield return range;
            }
        }
    }

    private static ulong Number(IReadOnlyList<KeyValuePair<string, string>> fields, string name)
    {
        var text = fields.FirstOrDefault(field => field.Key == name).Value ?? "";
        return text.StartsWith("0x", StringComparison.Ordinal) && ulong.TryParse(text.AsSpan(2), System.Globalization.NumberStyles.AllowHexSpecifier, null, out var number) ? number
            : ulong.TryParse(text, out number) ? number
            : 0;
    }
}
