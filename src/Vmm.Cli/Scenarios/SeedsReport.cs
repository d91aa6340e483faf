using Vmm.Cli.Drawing;
using Vmm.Testing.Scenarios;

namespace Vmm.Cli.Scenarios;

/// <summary>A line for each file, and a timeline for each seed that fails.</summary>
internal sealed class SeedsReport(CliConsole console) : IScenarioReport
{
    private readonly List<DrawnLine> _run = [];
    private int _passed;
    private int _failed;

    public void Begin(HotplugScenario scenario, string file, int seed)
    {
        _run.Clear();
        _run.AddRange(Timeline.Head(scenario, file, seed));
    }

    public void Step(StepResult step) => _run.AddRange(Timeline.Of(step));

    public void End(ScenarioResult result)
    {
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
        var ink = _failed == 0 ? Ink.Good : Ink.Bad;
        DrawnLineWriter.Write(console, [new DrawnLine(($"{file}: {_passed} seeds passed, {_failed} failed", ink))]);
        (_passed, _failed) = (0, 0);
    }
}
