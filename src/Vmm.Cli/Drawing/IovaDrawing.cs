namespace Vmm.Cli.Drawing;

/// <summary>
/// Draws the IOVA space of an address space: addresses down the page, not to scale, a column for each container, notes below.
/// A pure function of the picture; fits 80 columns.
/// </summary>
internal static class IovaDrawing
{
    private const int Width = 80;
    private const int NameWidth = 17;
    private const int LeftWidth = 16 + 2 + 10 + 2 + NameWidth + 1;
    private const int MostColumns = 3;

    internal static IReadOnlyList<DrawnLine> Draw(SpacePicture picture)
    {
        var lines = new List<DrawnLine> { Title(picture) };
        if (picture.Containers.Count == 0)
        {
            lines.Add(new DrawnLine(("  no container: no device is attached, so nothing is mapped", Ink.Faint)));
            return lines;
        }

        foreach (var band in picture.Containers.Chunk(MostColumns))
        {
            lines.AddRange(DrawBand(picture with { Containers = band }));
        }

        return lines;
    }

    private static DrawnLine Title(SpacePicture picture) =>
        new(($"  IOVA space {picture.Name}", Ink.Strong), ($"  view {picture.Generation}", Ink.Faint));

    private static IEnumerable<DrawnLine> DrawBand(SpacePicture picture)
    {
        var cellWidth = Math.Min(26, ((Width - LeftWidth) / picture.Containers.Count) - 1);
        var head = new DrawnLine(("".PadRight(LeftWidth), Ink.Plain));
        foreach (var container in picture.Containers)
        {
            head.Add(Fit(container.Title, cellWidth).PadRight(cellWidth + 1), Ink.Strong);
        }

        yield return head;
        foreach (var row in IovaRows.Of(picture))
        {
            yield return DrawRow(row, cellWidth);
        }

        foreach (var note in IovaNotes.Of(picture).SelectMany(note => note.Wrapped(Width)))
        {
            yield return note;
        }
    }

    private static DrawnLine DrawRow(IovaRows.Row row, int cellWidth)
    {
        var line = new DrawnLine(
            ($"{row.Range.Start,16}", row.IsEmpty ? Ink.Faint : Ink.Plain),
            (row.IsEmpty ? " ┊" : " ┤", Ink.Faint),
            ($"{ByteSize.Of(row.Range.Length),10}  ", Ink.Faint),
            (Fit(row.Name, NameWidth).PadRight(NameWidth + 1), Ink.Plain));
        foreach (var cell in row.Cells)
        {
            DrawCell(line, cell, cellWidth);
        }

        return line;
    }

    private static void DrawCell(DrawnLine line, IovaRows.Cell cell, int width)
    {
        var (fill, word, ink) = cell.Look switch
        {
            IovaRows.Look.Writable => ('█', "rw", Ink.Writable),
            IovaRows.Look.ReadOnly => ('▓', "ro", Ink.ReadOnly),
            IovaRows.Look.Reserved => ('╳', "reserved", Ink.Reserved),
            IovaRows.Look.Skipped => ('╌', "skipped", Ink.Skipped),
            IovaRows.Look.Dying => ('!', "dying", Ink.Bad),
            IovaRows.Look.Outside => ('░', "no window", Ink.Outside),
            _ => (' ', "", Ink.Plain),
        };
        var label = word.Length == 0 && !cell.IsRelaxable ? "" : $" {word}{(cell.IsRelaxable ? "*" : "")} ";
        var left = Math.Max(0, (width - label.Length) / 2);
        line.Add(new string(fill, left), ink).Add(Fit(label, width - left), ink == Ink.Plain ? Ink.Reserved : ink);
        line.Add(new string(fill, Math.Max(0, width - left - label.Length)), ink).Add(" ");
    }

    private static string Fit(string text, int width) => text.Length <= width ? text : text[..Math.Max(0, width - 1)] + "…";
}
