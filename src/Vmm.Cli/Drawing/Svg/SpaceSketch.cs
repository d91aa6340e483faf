namespace Vmm.Cli.Drawing.Svg;

/// <summary>An address space on a page: a head for each container, then rows from IOVA 0 down to 2^64-1.</summary>
internal static class SpaceSketch
{
    private const int MostRows = 44;
    private const int ManyGroups = 8;
    private const int MostColumns = 3;
    private const double Size = 11;
    private const double Line = 15;

    /// <summary>Draws it.</summary>
    /// <returns>Its height.</returns>
    internal static double Draw(SvgCanvas canvas, SpaceFrame frame, double top)
    {
        var at = top;
        if (frame.Now.Containers.Count == 0)
        {
            canvas.Text(Columns.Margin + 16, at + 12, $"{frame.Now.Name}: no container: no device is attached, so nothing is mapped", Size, Columns.Page - 80, "f");
            return 28;
        }

        foreach (var band in frame.Now.Containers.Chunk(MostColumns))
        {
            at += DrawBand(canvas, frame with { Now = frame.Now with { Containers = band } }, at) + 12;
        }

        return at - top;
    }

    private static double DrawBand(SvgCanvas canvas, SpaceFrame frame, double top)
    {
        var columns = new Columns(frame.Now.Containers.Count);
        var at = top + DrawHeads(canvas, frame, columns, top) + 10;
        var rows = IovaRows.Of(frame, MostRows);
        var groupHeight = rows.Count(row => row.Parts.Count > 0) > ManyGroups ? 34 : 62;
        foreach (var row in rows)
        {
            var sketch = new RowSketch(frame.Now, row, columns, groupHeight);
            sketch.Draw(canvas, at);
            canvas.Break();
            at += sketch.Height;
        }

        canvas.Path($"M{SvgCanvas.Number(Columns.Axis - 5)} {SvgCanvas.Number(at)}h10", "axis");
        canvas.Text(Columns.Axis - 10, at, "0xffffffffffffffff", Size + 1, Columns.Axis - Columns.Margin, "f", TextSide.End);
        return at + 8 - top;
    }

    private static double DrawHeads(SvgCanvas canvas, SpaceFrame frame, Columns columns, double top)
    {
        canvas.Text(Columns.Margin + 16, top + 8, frame.Now.Name, 13, Columns.Axis - 46, "b");
        canvas.Text(Columns.Margin + 16, top + 8 + Line, $"view {frame.Now.Generation}", Size, Columns.Axis - 46, "f");
        var height = 2 * Line;
        for (var container = 0; container < columns.Containers; container++)
        {
            var shown = frame.Now.Containers[container];
            var isNew = frame.Before is not null && frame.BeforeOf(shown) is null;
            canvas.Text(columns.Box(container), top + 8, $"{shown.Title}{(isNew ? " +new" : "")}", 13, columns.BoxWidth, isNew ? "b tadded" : "b");
            var line = top + 8;
            foreach (var (text, look) in HeadLines(shown, columns.BoxWidth))
            {
                line += Line;
                canvas.Text(columns.Box(container), line, text, Size, columns.BoxWidth, look);
            }

            height = Math.Max(height, line + 12 - top);
        }

        return height;
    }

    private static IEnumerable<(string Text, string Look)> HeadLines(SpacePicture.Container container, double width) =>
        TextWidth.Wrap(SvgCanvas.Clean(container.Members), Size, width).Select(line => (line, ""))
            .Concat(IovaNotes.Of(container).SelectMany(note =>
                TextWidth.Wrap(SvgCanvas.Clean(note.Text), Size, width).Select(line => (line, note.About == Look.Dying ? "bad" : "f"))));
}
