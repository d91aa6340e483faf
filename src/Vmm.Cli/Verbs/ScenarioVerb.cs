using System.CommandLine;
using Vmm.Cli.Scenarios;
using Vmm.Testing.Recordings;
using Vmm.Testing.Scenarios;

namespace Vmm.Cli.Verbs;

/// <summary><c>vmm scenario</c>: runs scenarios on the emulated kernel and prints what happened.</summary>
internal static class ScenarioVerb
{
    private const string Remarks = """
        A scenario is a host, a guest's memory and steps, in YAML; docs/scenarios.md has every key.
        Each runs on the emulated kernel, in an order that its seed decides, in virtual time; at its
        end everything is released, and what is left is counted.

        Exit codes: 0 every expectation was met, 1 one was not, 2 a file cannot be used.

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
        var verb = new Command("scenario", "Runs scenarios of devices and memory that come and go, on the emulated kernel.") { files, seed, seeds, draw, noDraw, record, json };
        verb.WithExamples("vmm scenario configs/scenarios/tour.yaml", "vmm scenario configs/scenarios/*.yaml --seeds 1..20 --no-draw").WithRemarks(Remarks);
        verb.SetAction(parsed =>
        {
            var range = SeedRange.Of(parsed.GetValue(seed), parsed.GetValue(seeds));
            return Run(
                console,
                parsed.GetRequiredValue(files),
                range,
                IsDrawn(console, parsed.GetValue(draw), parsed.GetValue(noDraw), parsed.GetValue(json)),
                parsed.GetValue(json),
                PathOf(parsed.GetValue(record), parsed.GetRequiredValue(files).Length == 1 && !range.IsMany));
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

    private static int Run(CliConsole console, IReadOnlyList<string> files, SeedRange seeds, bool isDrawn, bool json, string? record)
    {
        try
        {
            // All files are read before the first is run: a bad one is found while nothing is half done.
            var scenarios = files.Select(file => (File: file, Scenario: HotplugScenario.Load(file))).ToList();
            IScenarioReport report = json ? new JsonReport(console.Out)
                : seeds.IsMany ? new SeedsReport(console)
                : new TextReport(console, isDrawn);
            return RecordOption.With(record, recording =>
            {
                var passed = true;
                foreach (var (file, scenario) in scenarios)
                {
                    passed &= seeds.Or(scenario.Seed).Aggregate(true, (so, seed) => RunOnce(report, file, scenario, seed, recording) && so);
                    report.Done(file);
                }

                return passed ? ExitCode.Done : ExitCode.Refused;
            });
        }
        catch (ScenarioFormatException wrong)
        {
            throw new CliException(wrong.Message, ExitCode.Error, wrong);
        }
    }

    private static bool RunOnce(IScenarioReport report, string file, HotplugScenario scenario, int seed, RecordingFile? recording)
    {
        report.Begin(scenario, file, seed);
        var result = scenario.Run(seed, report.Step, recording);
        report.End(result);
        return result.Passed;
    }
}
