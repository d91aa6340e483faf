using Vmm.Cli.Drawing;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Planning;
using Vmm.Iommu.Topology;
using Vmm.Testing.Captures;
using Vmm.Testing.Emulation;

namespace Vmm.Cli.Maps;

/// <summary>Replays a capture: a picture for each view and attach.</summary>
internal static class CaptureStory
{
    // Captures stand in configs/captures, and the host that they were made on beside them.
    private const string UsualHost = "../hosts/capture-host.tar.gz";

    /// <exception cref="CliException">The host is no captured one, or the capture is of another interface.</exception>
    internal static MapStory Of(MapRequest request)
    {
        var capture = Capture.Load(request.File);
        if (capture.IsIommufd)
        {
            throw new CliException($"{request.File}: it attaches through iommufd, and only legacy containers (type1) can be replayed; name a capture with \"backend\": \"legacy\"");
        }

        var host = HostOf(request);
        var story = new StoryBuilder();
        var topology = new SysfsTopologyReader(new EmulatedKernel(EmulatedHost.Load(host)).ToHostKernel().Sysfs).Read(1);
        CaptureReplay.Run(capture, new ReplayOptions
        {
            Host = EmulatedHost.Load(host),
            Mode = MappingPlanMode.Steady,
            Observer = step => story.Add(
                $"{step.Captured.Index + 1}",
                Asked(step.Captured),
                step.Refusal is { } refusal ? $"refused: {refusal}" : Happened(step),
                step.Spaces,
                topology,
                StoryBuilder.Remapped(Ranges(step, VfioUapi.IommuUnmapDma.Name), Ranges(step, VfioUapi.IommuMapDma.Name)),
                IsAsCaptured(step)),
        });
        return new MapStory(Path.GetFileNameWithoutExtension(request.File), $"replayed on {host}", story.Steps);
    }

    private static string HostOf(MapRequest request) => request.Host switch
    {
        { EmulatedPath: { } path } => path,
        null => Path.GetRelativePath(".", Path.Combine(Path.GetDirectoryName(Path.GetFullPath(request.File))!, UsualHost)),
        _ => throw new CliException($"{request.File}: --host {request.Host}: a capture is replayed on an emulated kernel; write --host emulated:PATH"),
    };

    private static string Asked(CaptureStep step) => step switch
    {
        CaptureStep.Attach attach => $"attach {attach.Device} to {attach.Space}",
        CaptureStep.View view => $"{view.Space} shows {view.Sections.Count:N0} sections",
        _ => step.Space,
    };

    /// <summary>Whether a device was taken or refused as it was when the capture was made.</summary>
    private static bool IsAsCaptured(ReplayStep step) => step.Refusal is null == (step.Captured is not CaptureStep.Attach { Refusal: not null });

    private static string Happened(ReplayStep step)
    {
        var calls = step.Calls.Count == 0 ? "no kernel call" : $"{step.Calls.Count:N0} kernel {(step.Calls.Count == 1 ? "call" : "calls")}";
        return $"{(step.Captured is CaptureStep.Attach ? "attached" : "committed")}: {calls}";
    }

    private static IEnumerable<IovaRange> Ranges(ReplayStep step, string call)
    {
        foreach (var fields in step.Calls.Where(made => made.Name == call && made.Errno.IsNone).Select(made => made.Fields))
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
