namespace Vmm.Cli.Drawing;

/// <summary>Draws a story as text: for each step what was asked, what came of it, and the spaces that look different.</summary>
internal static class StoryDrawing
{
    internal static IEnumerable<DrawnLine> Draw(MapStory story, int columns)
    {
        var width = Math.Max(columns, IovaDrawing.LeastWidth);
        yield return new DrawnLine((story.Title, Ink.Strong));
        foreach (var line in Wrapping.Lines(story.About, width))
        {
            yield return new DrawnLine((line, Ink.Plain));
        }

        foreach (var line in story.Steps.SelectMany(step => Draw(step, width)))
        {
            yield return line;
        }
    }

    private static IEnumerable<DrawnLine> Draw(MapStep step, int width)
    {
        yield return new DrawnLine();
        foreach (var line in Hanging($"{step.Number,4}  ", step.Asked, Ink.Faint, Ink.Strong, width).Concat(Hanging("    → ", step.Happened, step.IsGood ? Ink.Good : Ink.Bad, Ink.Plain, width)))
        {
            yield return line;
        }

        if (step.IsAsBefore || step.Spaces.Count == 0)
        {
            yield return new DrawnLine((step.IsAsBefore ? "      the picture is as before" : "      the state could not be asked", Ink.Faint));
            yield break;
        }

        foreach (var frame in step.Spaces.Where(frame => step.Spaces.Count == 1 || !frame.IsAsBefore))
        {
            yield return new DrawnLine();
            foreach (var line in IovaDrawing.Draw(frame, width))
            {
                yield return line;
            }
        }
    }

    private static IEnumerable<DrawnLine> Hanging(string mark, string text, Ink markInk, Ink ink, int width)
    {
        foreach (var line in Wrapping.Lines(text, width - mark.Length))
        {
            yield return new DrawnLine((mark, markInk), (line, ink));
            mark = new string(' ', mark.Length);
        }
    }
}
