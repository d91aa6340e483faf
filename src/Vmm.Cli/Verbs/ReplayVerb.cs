using System.CommandLine;
using Vmm.Cli.Replays;
using Vmm.Iommu.Planning;
using Vmm.Testing.Captures;
using Vmm.Testing.Emulation;
using Vmm.Testing.Recordings;

namespace Vmm.Cli.Verbs;

/// <summary>
/// <c>vmm replay</c>: gives the views and attaches of a capture to our own VMM, and compares what it calls with what QEMU called; or
/// makes the calls of a recording again on the emulated kernel.
/// </summary>
internal static class ReplayVerb
{
    private const string Remarks = """
        A capture holds what QEMU was given (views of address spaces, devices that join) and every call that it made of it.
        Only what it was given is replayed, on the emulated kernel of the host that it was captured on.

          qemu     every call is compared, in order: result, errno, arguments; descriptors by what they are, addresses by block
                   and offset; and the words of each refusal. It ends at the first difference. Of iommufd the maps and unmaps are
                   compared. The other calls of iommufd, and those of the kvm-vfio device, are not: they are counted.
          steady   mappings are counted, QEMU's and ours, with the churn: bytes of RAM that were unmapped and mapped again though
                   neither host byte nor access changed.

        A recording is what --record of another verb wrote: the host and every call to the kernel. The calls are made again on the
        emulated kernel of that host, in order, and every answer is compared; it ends at the first difference. What sysfs does not say
        of the machine is taken from the recording's own first answer; --mode and --host say nothing to it.

        Exit codes: 0 equal (steady: every device is taken or refused as captured), 1 a difference, 2 bad input.

        """;

    /// <summary>The verb.</summary>
    public static Command Create(CliConsole console)
    {
        var files = new Argument<string[]>("FILE") { Description = "Captures of QEMU, and recordings; which of them is told by the content.", Arity = ArgumentArity.OneOrMore };
        var mode = new Option<string>("--mode") { Description = "What is asked of the kernel; qemu unless given.", HelpName = "qemu | steady", DefaultValueFactory = _ => "qemu" };
        var host = new Option<string?>("--host") { Description = "The host; hosts/capture-host.tar.gz beside the capture's folder unless given.", HelpName = HostSpec.Shape };
        var json = new Option<bool>("--json") { Description = "One JSON document a line instead of text: each call, step, difference and result." };
        var verb = new Command("replay", "Replays a capture of QEMU, or a recording of a kernel, and compares every call.") { files, mode, host, json };
        verb.WithExamples("vmm replay configs/captures/q35-1g-hotplug-legacy.json", "vmm replay --mode steady configs/captures/q35-1g-boot-legacy.json", "vmm replay field.jsonl").WithRemarks(Remarks);
        verb.SetAction(parsed => Run(
            console,
            parsed.GetRequiredValue(files),
            ModeOf(parsed.GetRequiredValue(mode)),
            parsed.GetValue(host) is { } text ? HostSpec.TryParse(text, out var wrong) ?? throw new CliException(wrong!) : null,
            parsed.GetValue(json)));
        return verb;
    }

    private static MappingPlanMode ModeOf(string text) => text switch
    {
        "qemu" => MappingPlanMode.Qemu,
        "steady" => MappingPlanMode.Steady,
        _ => throw new CliException($"--mode {text}: is no mode; write qemu or steady"),
    };

    private static int Run(CliConsole console, IReadOnlyList<string> files, MappingPlanMode mode, HostSpec? host, bool json)
    {
        try
        {
            // All files are read before the first is replayed: a bad one is found while nothing is half done.
            List<object> all = [.. files.Select(file => Load(file, mode, host))];
            IReplayReport report = json ? new ReplayJson(console.Out, mode) : new ReplayText(console, mode);
            IRecordingReport recorded = json ? new RecordingJson(console.Out) : new RecordingText(console);
            return all.Aggregate(true, (passed, one) => (one is Recording recording ? Replay(recorded, recording) : Replay(report, (Capture)one, mode, host)) && passed)
                ? ExitCode.Done
                : ExitCode.Refused;
        }
        catch (Exception wrong) when (wrong is CaptureFormatException or RecordingFormatException)
        {
            throw new CliException(wrong.Message, ExitCode.Error, wrong);
        }
    }

    /// <summary>A capture or a recording.</summary>
    private static object Load(string file, MappingPlanMode mode, HostSpec? host)
    {
        if (!Recording.IsRecording(file))
        {
            return File.Exists(file) && new FileInfo(file).Length == 0
                ? throw new CliException($"{file}: the file is empty; name a capture of QEMU, or a recording that --record wrote")
                : Capture.Load(file);
        }

        return host is not null ? throw new CliException($"{file}: --host {host}: a recording has its own host; take --host out")
            : mode != MappingPlanMode.Qemu ? throw new CliException($"{file}: --mode steady: a recording is replayed call by call; take --mode out")
            : Recording.Load(file);
    }

    private static bool Replay(IRecordingReport report, Recording recording)
    {
        var result = RecordingReplay.Run(recording);
        report.Show(result);
        return result.Passed;
    }

    private static bool Replay(IReplayReport report, Capture capture, MappingPlanMode mode, HostSpec? host)
    {
        var path = CaptureHost.PathOf(capture.File, host);
        var result = CaptureReplay.Run(capture, new ReplayOptions
        {
            Host = EmulatedHost.Load(path),
            Mode = mode,
            Observer = step =>
            {
                // A capture that does not fit the host has no first step, and nothing is written of it but the error.
                if (step.Captured.Index == 0)
                {
                    report.Begin(capture, path);
                }

                report.Step(step);
            },
        });
        report.End(result);
        return result.Passed;
    }
}
