using Vmm.Cli.Drawing;
using Vmm.Testing.Scenarios;

namespace Vmm.Cli.Scenarios;

/// <summary>A line for each file, and a timeline for each seed that fails.</summary>
internal sealed class SeedsReport(CliConsole console) : IScenarioReport
{
    private readonly List<DrawnLine> _run = [];
    private int _passed;
    private int _failed;
    private int _skipped;
    private string _why = "";

    public void Begin(HotplugScenario scenario, string file, int seed)
    {
        _run.Clear();
        _run.AddRange(Timeline.Head(scenario, file, seed));
    }

    public void Step(StepResult step) => _run.AddRange(Timeline.Of(step));

    public void End(ScenarioResult result)
    {
        if (result.Skipped is { } why)
        {
            (_skipped, _why) = (_skipped + 1, why);
            return;
        }

        if (result.Passed)
        {
            _passed++;
            return;
        }

        _failed++;
        DrawnLineWriter.Write(console, [.. _run, .. Timeline.Of(result.End), new DrawnLine()]);
    }

    public void Done(string file)
    {
        var ink = _failed > 0 ? Ink.Bad : _skipped > 0 ? Ink.Skipped : Ink.Good;
        var skipped = _skipped > 0 ? $", {_skipped} skipped: {_why}" : "";
        DrawnLineWriter.Write(console, [new DrawnLine(($"{file}: {_passed} seeds passed, {_failed} failed{skipped}", ink))]);
        (_passed, _failed, _skipped) = (0, 0, 0);
    }

    public void All(ScenarioTally tally)
    {
        // Each file has said its own.
    }
}
