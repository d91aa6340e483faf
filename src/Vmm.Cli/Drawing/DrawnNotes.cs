namespace Vmm.Cli.Drawing;

/// <summary>The notes below a drawing of text, each hanging from the mark of what it explains.</summary>
internal static class DrawnNotes
{
    internal static IEnumerable<DrawnLine> Of(SpaceFrame frame, IReadOnlyList<IovaRow> rows, int width)
    {
        foreach (var container in frame.Now.Containers)
        {
            foreach (var line in Hanging("  ", $"{container.Title}: {container.Members}", Ink.Plain, width))
            {
                yield return line;
            }

            foreach (var note in IovaNotes.Of(container))
            {
                foreach (var line in Hanging(note.About == Look.Free ? "    " : MarkOf(note), note.Text, note.About == Look.Free ? Ink.Faint : InkOf(note), width))
                {
                    yield return line;
                }
            }
        }

        // By what they explain, holes first; within that by address.
        foreach (var note in rows.SelectMany(row => IovaNotes.Of(frame.Now, row)).Distinct().OrderBy(note => Rank(note.About)))
        {
            foreach (var line in Hanging(MarkOf(note), $"{note.Range} {note.Text}", InkOf(note), width))
            {
                yield return line;
            }
        }

        foreach (var line in SpaceChanges.Of(frame, rows).SelectMany(change => Hanging("  Δ ", change, Ink.Strong, width)))
        {
            yield return line;
        }
    }

    private static IEnumerable<DrawnLine> Hanging(string mark, string text, Ink ink, int width)
    {
        foreach (var line in Wrapping.Lines(text, width - mark.Length))
        {
            yield return new DrawnLine((mark, ink), (line, ink == Ink.Faint ? Ink.Faint : Ink.Plain));
            mark = new string(' ', mark.Length);
        }
    }

    private static int Rank(Look about) => about switch
    {
        Look.Mixed => 0,
        Look.Free or Look.Reserved => 1,
        _ => 2,
    };

    private static string MarkOf(IovaNotes.Note note) => note.About switch
    {
        Look.Reserved => "  ╳ ",
        Look.Skipped => "  ╌ ",
        Look.Dying => "  ! ",
        Look.Mixed => "  ▒ ",
        _ => "  * ",
    };

    private static Ink InkOf(IovaNotes.Note note) => note.About switch
    {
        Look.Skipped => Ink.Skipped,
        Look.Dying => Ink.Bad,
        Look.Mixed => Ink.Writable,
        _ => Ink.Reserved,
    };
}
