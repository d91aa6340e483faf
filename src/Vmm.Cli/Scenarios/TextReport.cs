using Vmm.Cli.Drawing;
using Vmm.Testing.Scenarios;

namespace Vmm.Cli.Scenarios;

/// <summary>A timeline, and the IOVA space after each step where it is drawn.</summary>
internal sealed class TextReport(CliConsole console, bool isDrawn) : IScenarioReport
{
    private string _drawn = "";

    public void Begin(HotplugScenario scenario, string file, int seed)
    {
        _drawn = "";
        Write(Timeline.Head(scenario, file, seed));
    }

    public void Step(StepResult step)
    {
        Write(Timeline.Of(step));
        if (isDrawn)
        {
            Draw(step);
        }
    }

    public void End(ScenarioResult result)
    {
        if (result.Skipped is { } why)
        {
            Write([.. Wrapping.Lines($"skipped: {why}", 80).Select(line => new DrawnLine((line, Ink.Skipped))), new DrawnLine()]);
            return;
        }

        Write(Timeline.Of(result.End));
        if (result.Assigned.Count > 0)
        {
            Write([new DrawnLine(), .. Wrapping.Lines($"on this machine {string.Join(", ", result.Assigned)}", 80).Select(line => new DrawnLine((line, Ink.Faint)))]);
        }

        var verdict = result.Passed ? "passed" : $"failed: {result.Mismatches.Count} not as expected";
        Write([new DrawnLine(), new DrawnLine(($"{result.Name}, seed {result.Seed}: {verdict}", result.Passed ? Ink.Good : Ink.Bad)), new DrawnLine()]);
    }

    public void Done(string file)
    {
        // Each run has said all there is to say.
    }

    public void All(ScenarioTally tally)
    {
        if (tally.Runs > 1)
        {
            Write([new DrawnLine((tally.ToString(), tally.Ink))]);
        }
    }

    private void Draw(StepResult step)
    {
        var lines = step.Spaces.SelectMany(space => IovaDrawing.Draw(PictureOfState.Of(space, step.Topology))).ToList();
        var text = string.Join('\n', lines);
        Write(text == _drawn ? [new DrawnLine(("               the IOVA space is as before", Ink.Faint)), new DrawnLine()] : [new DrawnLine(), .. lines, new DrawnLine()]);
        _drawn = text;
    }

    private void Write(IEnumerable<DrawnLine> lines) => DrawnLineWriter.Write(console, lines);
}
