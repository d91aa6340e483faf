using System.CommandLine;
using Vmm.Cli.Scenarios;
using Vmm.Iommu.Kernel;
using Vmm.Testing.Recordings;
using Vmm.Testing.Scenarios;

namespace Vmm.Cli.Verbs;

/// <summary><c>vmm scenario</c>: runs scenarios on the emulated kernel or this machine's and prints what happened.</summary>
internal static class ScenarioVerb
{
    private const string Remarks = """
        A scenario is a host, a guest's memory and steps, in YAML; docs/scenarios.md has every key.
        Each runs in an order that its seed decides, in virtual time; at its end everything is
        released, and what is left is counted.

        --kernel linux runs it on this machine: real devices stand for the scenario's where groups,
        reserved regions and BARs are alike, or as --map says. Devices must be bound to vfio-pci;
        those that the host uses are touched only when --map names them. Afterwards drivers are as
        before. What cannot run here is skipped with the reason, and counted as skipped.

        Exit codes: 0 every expectation was met of all that ran, 1 one was not, 2 a file cannot be used.

        """;

    /// <summary>The verb.</summary>
    public static Command Create(CliConsole console)
    {
        var files = new Argument<string[]>("FILE") { Description = "Scenario files.", Arity = ArgumentArity.OneOrMore };
        var seed = new Option<string?>("--seed") { Description = "The order to run in; the scenario's own unless given.", HelpName = "N" };
        var seeds = new Option<string?>("--seeds") { Description = "Run once in each of these orders; only those that fail are shown in full.", HelpName = "N..M" };
        var draw = new Option<bool>("--draw") { Description = "Draw the IOVA space after each step; on for a terminal." };
        var noDraw = new Option<bool>("--no-draw") { Description = "Do not draw the IOVA space." };
        var record = RecordOption.Create();
        var json = new Option<bool>("--json") { Description = "One JSON document a line instead of text: each step, then each result." };
        var kernel = new Option<string>("--kernel")
        {
            Description = "emulated, or linux for this machine's own.",
            DefaultValueFactory = _ => "emulated",
            HelpName = "KERNEL",
        };
        kernel.AcceptOnlyFromAmong("emulated", "linux");
        var backend = BackendOption.Create("The path that devices are opened by, whatever the scenario says: auto, type1 or iommufd.");
        var map = new Option<string?>("--map")
        {
            Description = "With --kernel linux, the machine's devices by the scenario's, with commas between.",
            HelpName = "DEVICE=DEVICE",
        };
        var verb = new Command("scenario", "Runs scenarios of devices and memory that come and go, on an emulated kernel or this machine's.")
        {
            files,
            seed,
            seeds,
            kernel,
            backend,
            map,
            draw,
            noDraw,
            record,
            json,
        };
        verb.WithExamples(
            "vmm scenario configs/scenarios/tour.yaml",
            "vmm scenario configs/scenarios/*.yaml --seeds 1..20 --no-draw",
            "vmm scenario --kernel linux --map 0000:01:00.0=0000:05:00.0 configs/scenarios/abandoned.yaml").WithRemarks(Remarks);
        verb.SetAction(parsed =>
        {
            var range = SeedRange.Of(parsed.GetValue(seed), parsed.GetValue(seeds));
            var request = new ScenarioRequest(parsed.GetRequiredValue(files), range)
            {
                IsDrawn = IsDrawn(console, parsed.GetValue(draw), parsed.GetValue(noDraw), parsed.GetValue(json)),
                IsJson = parsed.GetValue(json),
                Backend = BackendOption.Of(parsed.GetValue(backend)),
                Machine = MachineOf(parsed.GetValue(kernel) == "linux", parsed.GetValue(map)),
                Record = PathOf(parsed.GetValue(record), parsed.GetRequiredValue(files).Length == 1 && !range.IsMany),
            };
            return Run(console, request);
        });
        return verb;
    }

    private static string? PathOf(string? record, bool isOneRun) =>
        record is null || isOneRun ? record : throw new CliException($"--record {record}: a recording holds one run; give one file and one seed");

    private static bool IsDrawn(CliConsole console, bool draw, bool noDraw, bool json)
    {
        if (draw && (noDraw || json))
        {
            throw new CliException($"--draw stands beside {(noDraw ? "--no-draw" : "--json")}; give one of them");
        }

        return draw || (console.IsTerminal && !noDraw && !json);
    }

    private static RealMachine? MachineOf(bool isLinux, string? map)
    {
        var devices = DeviceAssignment.Of(map);
        return isLinux ? new RealMachine(LinuxKernel.Create(), devices)
            : map is null ? null
            : throw new CliException("--map is about this machine's devices; give it with --kernel linux");
    }

    private static int Run(CliConsole console, ScenarioRequest request)
    {
        try
        {
            // All files are read before the first is run: a bad one is found while nothing is half done.
            var scenarios = request.Files.Select(file => (File: file, Scenario: HotplugScenario.Load(file))).ToList();
            IScenarioReport report = request.IsJson ? new JsonReport(console.Out, request.Machine is null ? "emulated" : "linux")
                : request.Seeds.IsMany ? new SeedsReport(console)
                : new TextReport(console, request.IsDrawn);
            return RecordOption.With(request.Record, recording =>
            {
                var tally = new ScenarioTally();
                foreach (var (file, scenario) in scenarios)
                {
                    foreach (var seed in request.Seeds.Or(scenario.Seed))
                    {
                        tally.Count(RunOnce(report, file, scenario with { Backend = request.Backend ?? scenario.Backend }, seed, request.Machine, recording));
                    }

                    report.Done(file);
                }

                report.All(tally);
                return tally.HasFailed ? ExitCode.Refused : ExitCode.Done;
            });
        }
        catch (ScenarioFormatException wrong)
        {
            throw new CliException(wrong.Message, ExitCode.Error, wrong);
        }
    }

    private static ScenarioResult RunOnce(IScenarioReport report, string file, HotplugScenario scenario, int seed, RealMachine? machine, RecordingFile? recording)
    {
        report.Begin(scenario, file, seed);
        var result = machine is null ? scenario.Run(seed, report.Step, recording) : scenario.RunOn(machine, seed, report.Step, recording);
        report.End(result);
        return result;
    }
}
