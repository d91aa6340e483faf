using Vmm.Testing.Scenarios;

namespace Vmm.Cli.Scenarios;

/// <summary>A line of JSON for each step, and one for each result.</summary>
internal sealed class JsonReport(TextWriter output, string kernel) : IScenarioReport
{
    private string _file = "";
    private int _seed;

    public void Begin(HotplugScenario scenario, string file, int seed) => (_file, _seed) = (file, seed);

    public void Step(StepResult step) => JsonOutput.WriteLine(output, new
    {
        Kind = "step",
        Kernel = kernel,
        File = _file,
        Seed = _seed,
        Step = DocumentOf(step),
    });

    public void End(ScenarioResult result) => JsonOutput.WriteLine(output, new
    {
        Kind = "result",
        Kernel = kernel,
        File = _file,
        Seed = _seed,
        result.Name,
        result.Passed,
        result.Skipped,
        result.Assigned,
        result.End.Left,
        Mismatches = result.Mismatches.Select(DocumentOf),
    });

    public void Done(string file)
    {
        // Each run has its own result.
    }

    public void All(ScenarioTally tally)
    {
        // Whoever reads the results can count them.
    }

    private static object DocumentOf(StepResult step) => new
    {
        step.Number,
        Seconds = step.At.TotalSeconds,
        step.Asked,
        step.Happened.Outcome,
        step.Happened.Words,
        step.Happened.Container,
        Windows = step.Happened.Windows?.Select(window => window.ToString()),
        Skipped = step.Happened.Skipped?.Select(skip => new { Range = skip.Range.ToString(), skip.Name, skip.Reason }),
        step.Calls,
        step.Events,
        Parts = step.Parts.Select(DocumentOf),
        Mismatches = step.Mismatches.Select(DocumentOf),
    };

    private static object DocumentOf(Mismatch mismatch) => new { mismatch.Key, mismatch.Expected, mismatch.Found };
}
