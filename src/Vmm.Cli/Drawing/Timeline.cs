using Vmm.Testing.Scenarios;

namespace Vmm.Cli.Drawing;

/// <summary>Draws a scenario as it goes: number, time, what was asked, what happened, kernel calls; what was expected and was not so.</summary>
internal static class Timeline
{
    private const int Indent = 15;
    private const int Width = 80;

    internal static IEnumerable<DrawnLine> Head(HotplugScenario scenario, string file, int seed)
    {
        yield return new DrawnLine((scenario.Name, Ink.Strong), ($"  {file}  seed {seed}", Ink.Faint));
        foreach (var line in Wrapping.Lines(scenario.About, Width))
        {
            yield return new DrawnLine((line, Ink.Plain));
        }

        foreach (var line in scenario.Requirements.Count == 0 ? [] : Wrapping.Lines($"shows {string.Join(", ", scenario.Requirements)}", Width))
        {
            yield return new DrawnLine((line, Ink.Faint));
        }

        yield return new DrawnLine();
    }

    internal static IEnumerable<DrawnLine> Of(StepResult step)
    {
        var left = $"{step.Number,4} {step.At:hh\\:mm\\:ss}  ".PadRight(Indent);
        foreach (var line in Wrapping.Lines(step.Asked, Width - Indent))
        {
            yield return new DrawnLine((left, Ink.Faint), (line, Ink.Strong));
            left = new string(' ', Indent);
        }

        var calls = step.Calls.Count == 0 ? "" : $" [{step.Calls.Count} kernel {(step.Calls.Count == 1 ? "call" : "calls")}]";
        var ink = step.Mismatches.Count == 0 ? Ink.Good : Ink.Bad;
        if (step.Parts.Count == 0 || calls.Length > 0)
        {
            foreach (var line in Hanging("→ ", step.Happened + calls, ink))
            {
                yield return line;
            }
        }

        foreach (var line in step.Parts.SelectMany(Of).Concat(step.Events.SelectMany(text => Hanging("~ ", text, Ink.Skipped))).Concat(step.Mismatches.SelectMany(Of)))
        {
            yield return line;
        }
    }

    internal static IEnumerable<DrawnLine> Of(EndResult end)
    {
        var ink = end.Mismatches.Count == 0 ? Ink.Good : Ink.Bad;
        yield return new DrawnLine((" end".PadRight(Indent), Ink.Faint), ("everything is released", Ink.Strong));
        foreach (var line in Hanging("→ ", $"left: {end.Left}", ink).Concat(end.Mismatches.SelectMany(Of)))
        {
            yield return line;
        }
    }

    private static IEnumerable<DrawnLine> Of(Mismatch mismatch)
    {
        var column = (Width - Indent - 4) / 2;
        var margin = new string(' ', Indent);
        yield return new DrawnLine((margin, Ink.Plain), ($"✗ {mismatch.Key}", Ink.Bad));
        yield return new DrawnLine((margin, Ink.Plain), ("  " + "expected".PadRight(column) + "  found", Ink.Faint));
        var expected = mismatch.Expected.SelectMany(line => Cut(line, column)).ToList();
        var found = mismatch.Found.SelectMany(line => Cut(line, column)).ToList();
        for (var row = 0; row < Math.Max(expected.Count, found.Count); row++)
        {
            yield return new DrawnLine(
                (margin + "  ", Ink.Plain),
                (expected.ElementAtOrDefault(row)?.PadRight(column) ?? new string(' ', column), Ink.Good),
                ("  ", Ink.Plain),
                (found.ElementAtOrDefault(row) ?? "", Ink.Bad));
        }
    }

    private static IEnumerable<DrawnLine> Hanging(string mark, string text, Ink ink)
    {
        foreach (var line in Wrapping.Lines(text, Width - Indent - mark.Length))
        {
            yield return new DrawnLine((new string(' ', Indent), Ink.Plain), (mark, ink), (line, Ink.Plain));
            mark = new string(' ', mark.Length);
        }
    }

    private static IEnumerable<string> Cut(string text, int width) =>
        text.Length == 0 ? [""] : Wrapping.Lines(text, width).SelectMany(line => line.Chunk(width)).Select(chars => new string(chars));
}
