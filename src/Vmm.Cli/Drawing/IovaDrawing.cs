namespace Vmm.Cli.Drawing;

/// <summary>
/// Draws the IOVA space of an address space as text: addresses down the page, not to scale, a column for each container, notes
/// below. A pure function of the picture.
/// </summary>
internal static class IovaDrawing
{
    /// <summary>Columns that every drawing fits into unless there are more.</summary>
    internal const int UsualWidth = 80;

    /// <summary>Columns without which nothing can be read.</summary>
    internal const int LeastWidth = 60;

    private const int MostRows = 48;
    private const int AddressWidth = 16 + 2 + 10 + 2;
    private const int LeastCell = 11;
    private const int MostCell = 44;
    private const int MostColumns = 3;

    internal static IReadOnlyList<DrawnLine> Draw(SpacePicture picture) => Draw(new SpaceFrame(picture), UsualWidth);

    /// <summary>The lines, none of which is wider than asked for, or than <see cref="LeastWidth"/>.</summary>
    internal static IReadOnlyList<DrawnLine> Draw(SpaceFrame frame, int columns)
    {
        var width = Math.Max(columns, LeastWidth);
        var lines = new List<DrawnLine> { Title(frame.Now) };
        if (frame.Now.Containers.Count == 0)
        {
            lines.Add(new DrawnLine(("  no container: no device is attached, so nothing is mapped", Ink.Faint)));
            return lines;
        }

        var name = NameWidth(width);
        foreach (var band in frame.Now.Containers.Chunk(Math.Clamp((width - AddressWidth - name - 1) / (LeastCell + 1), 1, MostColumns)))
        {
            lines.AddRange(DrawBand(frame with { Now = frame.Now with { Containers = band } }, width));
        }

        return lines;
    }

    private static int NameWidth(int width) => Math.Min(17 + (Math.Max(0, width - UsualWidth) / 4), 40);

    private static DrawnLine Title(SpacePicture picture) =>
        new(($"  IOVA space {picture.Name}", Ink.Strong), ($"  view {picture.Generation}", Ink.Faint));

    private static IEnumerable<DrawnLine> DrawBand(SpaceFrame frame, int width)
    {
        var left = AddressWidth + NameWidth(width) + 1;
        var cellWidth = Math.Min(width > UsualWidth ? MostCell : 26, ((width - left) / frame.Now.Containers.Count) - 1);
        var head = new DrawnLine(("".PadRight(left), Ink.Plain));
        foreach (var container in frame.Now.Containers)
        {
            head.Add(Fit(container.Title, cellWidth).PadRight(cellWidth + 1), Ink.Strong);
        }

        yield return head;
        var rows = IovaRows.Of(frame, MostRows);
        foreach (var row in rows)
        {
            yield return DrawRow(row, cellWidth, NameWidth(width));
        }

        foreach (var line in DrawnNotes.Of(frame, rows, width))
        {
            yield return line;
        }
    }

    private static DrawnLine DrawRow(IovaRow row, int cellWidth, int nameWidth)
    {
        var line = new DrawnLine(
            ($"{row.Range.Start,16}", row.IsEmpty ? Ink.Faint : Ink.Plain),
            (row.IsEmpty ? " ┊" : " ┤", Ink.Faint),
            ($"{ByteSize.Of(row.Range.Length),10}  ", Ink.Faint),
            (Fit(row.Name, nameWidth).PadRight(nameWidth + 1), Ink.Plain));
        foreach (var cell in row.Cells)
        {
            DrawCell(line, cell, cellWidth);
        }

        return line;
    }

    private static void DrawCell(DrawnLine line, IovaCell cell, int width)
    {
        var (fill, word, ink) = Style(cell);
        var label = word.Length == 0 && !cell.IsRelaxable ? "" : $" {word}{(cell.IsRelaxable ? "*" : "")} ";
        var pages = PageNames.Of(cell.Pages);
        if (pages.Length > 0 && label.Length + pages.Length + 3 <= width && width > 14)
        {
            label = $"{label}{pages} ";
        }

        var mark = cell.Difference == Difference.None ? "" : $"{SpaceChanges.MarkOf(cell.Difference)}";
        var left = Math.Max(0, ((width - label.Length) / 2) - mark.Length);
        line.Add(mark, Ink.Strong);
        line.Add(new string(fill, left), ink).Add(Fit(label, width - left - mark.Length), ink == Ink.Plain ? Ink.Reserved : ink);
        line.Add(new string(fill, Math.Max(0, width - mark.Length - left - label.Length)), ink).Add(" ");
    }

    private static (char Fill, string Word, Ink Ink) Style(IovaCell cell) => cell.Look switch
    {
        Look.Writable => ('█', "rw", Ink.Writable),
        Look.ReadOnly => ('▓', "ro", Ink.ReadOnly),
        Look.Reserved => ('╳', "reserved", Ink.Reserved),
        Look.Skipped => ('╌', "skipped", Ink.Skipped),
        Look.Dying => ('!', "dying", Ink.Bad),
        Look.Outside => ('░', "no window", Ink.Outside),
        Look.Mixed => ('▒', cell.Entries == 0 ? "mixed" : $"{cell.Entries:N0}", Ink.Writable),
        _ => (' ', cell.Difference == Difference.Removed ? "gone" : "", Ink.Plain),
    };

    private static string Fit(string text, int width) => text.Length <= width ? text : text[..Math.Max(0, width - 1)] + "…";
}
