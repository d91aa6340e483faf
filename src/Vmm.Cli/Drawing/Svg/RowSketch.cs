namespace Vmm.Cli.Drawing.Svg;

/// <summary>One row of a drawing: its height, its cells, its notes.</summary>
internal sealed class RowSketch
{
    private const double Size = 11;
    private const double NoteLine = 14;
    private const double BreakHeight = 26;
    private const int MostNoteLines = 8;

    private readonly SpacePicture _picture;
    private readonly IovaRow _row;
    private readonly Columns _columns;
    private readonly List<(string Text, string Look)> _notes = [];

    /// <summary>Measures a row.</summary>
    /// <param name="picture">The space.</param>
    /// <param name="row">The row.</param>
    /// <param name="columns">Where things stand.</param>
    /// <param name="groupHeight">How high a row is that stands for many.</param>
    internal RowSketch(SpacePicture picture, IovaRow row, Columns columns, double groupHeight)
    {
        (_picture, _row, _columns) = (picture, row, columns);
        foreach (var note in IovaNotes.Of(picture, row))
        {
            var text = note.Range is { } range && range != row.Range ? $"{range} {note.Text}" : note.Text;
            _notes.AddRange(TextWidth.Wrap(SvgCanvas.Clean(text), Size, columns.NotesWidth).Select(line => (line, note.About == Look.Dying ? "bad" : "")));
        }

        if (_notes.Count > MostNoteLines)
        {
            _notes.RemoveRange(MostNoteLines - 1, _notes.Count - MostNoteLines + 1);
            _notes.Add(("…", "f"));
        }

        Height = Math.Max(row.Parts.Count > 0 ? groupHeight : BaseHeight(row), (_notes.Count * NoteLine) + 8);
    }

    internal double Height { get; }

    internal void Draw(SvgCanvas canvas, double top)
    {
        DrawAxis(canvas, top);
        for (var at = 0; at < _row.Cells.Count; at++)
        {
            DrawBands(canvas, top, at);
            DrawCell(canvas, top, at);
        }

        var middle = top + (Height / 2) - ((_notes.Count - 1) * NoteLine / 2);
        foreach (var (text, look) in _notes)
        {
            canvas.Text(_columns.Notes, middle, text, Size, _columns.NotesWidth, look);
            middle += NoteLine;
        }
    }

    /// <summary>Not to scale: a page is seen beside a terabyte, and the terabyte is higher.</summary>
    internal static double BaseHeight(IovaRow row) => row.IsEmpty
        ? BreakHeight
        : 22 + (Math.Clamp(Math.Log2((double)row.Range.Length) - 12, 0, 40) * 0.9);

    private void DrawAxis(SvgCanvas canvas, double top)
    {
        var x = Columns.Axis;
        canvas.Text(x - 10, top, $"{_row.Range.Start}", Size + 1, x - Columns.Margin, _row.IsEmpty ? "f" : "", TextSide.End);
        var bottom = top + Height;
        var path = $"M{N(x - 5)} {N(top)}H{N(x + 5)}M{N(x)} {N(top)}";
        var middle = top + (Height / 2);
        canvas.Path(
            _row.IsEmpty ? $"{path}V{N(middle - 8)}M{N(x - 5)} {N(middle - 5)}l10 -5M{N(x - 5)} {N(middle + 7)}l10 -5M{N(x)} {N(middle + 5)}V{N(bottom)}" : $"{path}V{N(bottom)}",
            "axis");
        canvas.Text(Columns.Sizes, middle, $"{(_row.IsEmpty ? "⋯ " : "")}{ByteSize.Of(_row.Range.Length)}", Size, 82, "f");
    }

    private void DrawBands(SvgCanvas canvas, double top, int at)
    {
        var cell = _row.Cells[at];
        canvas.Rect(_columns.Windows(at), top, Columns.Band, Height, cell.IsWindow ? "win" : "nowin");
        if (cell.IsRelaxable)
        {
            canvas.Rect(_columns.Wishes(at), top, Columns.Band, Height, "wish");
        }

        if (cell.Difference != Difference.None)
        {
            canvas.Text(_columns.Start(at), top + (Height / 2), $"{SpaceChanges.MarkOf(cell.Difference)}", 14, 20, $"b t{SvgStyle.Of(cell.Difference)}");
        }
    }

    private void DrawCell(SvgCanvas canvas, double top, int at)
    {
        var cell = _row.Cells[at];
        var (x, y, width, height) = (_columns.Box(at), top + 1, _columns.BoxWidth, Height - 2);
        if (cell.Look != Look.Free || cell.Difference != Difference.None)
        {
            if (_row.Parts.Count > 0)
            {
                ShareSketch.Draw(canvas, _row, at, (x, y, width, height), Title(at));
            }
            else
            {
                canvas.Rect(x, y, width, height, SvgStyle.Of(cell.Look), Title(at));
            }

            canvas.Rect(x, y, width, height, cell.Difference == Difference.None ? "box" : SvgStyle.Of(cell.Difference));
        }

        var pages = PageNames.Of(cell.Pages);
        var pagesWidth = pages.Length == 0 ? 0 : TextWidth.Of(pages, Size) + 16;
        var label = Label(cell);
        if (pagesWidth > 0 && pagesWidth + Math.Min(TextWidth.Of(label, Size), 60) + 16 < width)
        {
            Plate(canvas, x + width - 8, top, pages, pagesWidth, "f", TextSide.End);
            width -= pagesWidth;
        }

        // The bars of a row that stands for many begin at the left: its words stand where they rarely reach.
        var isGroup = _row.Parts.Count > 0;
        Plate(canvas, isGroup ? x + width - 8 : x + 8, top, label, width - 16, "", isGroup ? TextSide.End : TextSide.Start);
    }

    private void Plate(SvgCanvas canvas, double x, double top, string text, double width, string look, TextSide side)
    {
        var shown = TextWidth.Fit(SvgCanvas.Clean(text), Size, width);
        if (shown.Length > 0)
        {
            var wide = TextWidth.Of(shown, Size);
            canvas.Rect(side == TextSide.End ? x - wide - 4 : x - 4, top + (Height / 2) - 8, wide + 8, 16, "plate", round: 3);
            canvas.Text(x, top + (Height / 2), text, Size, width, look, side);
        }
    }

    private static string Label(IovaCell cell) => cell.Look switch
    {
        Look.Writable => $"rw {cell.Name}",
        Look.ReadOnly => $"ro {cell.Name}",
        Look.Reserved => cell.Name == "reserved" ? cell.Name : $"reserved: {cell.Name}",
        Look.Skipped => $"skipped: {cell.Name}",
        Look.Dying => $"dying: {cell.Name}",
        Look.Outside => "no window",
        Look.Mixed => cell.Entries == 0 ? "mixed" : $"{cell.Entries:N0} mappings",
        _ => cell.Difference == Difference.Removed ? $"gone: {cell.Name}" : "",
    };

    private string Title(int at)
    {
        var cell = _row.Cells[at];
        var entries = cell.Entries == 0 ? "" : $", {cell.Entries:N0} {(cell.Entries == 1 ? "entry" : "entries")}";
        var pages = cell.Pages == 0 ? "" : $", pages up to {PageNames.Of(cell.Pages)}";
        var difference = cell.Difference == Difference.None ? "" : $", {cell.Difference.ToString().ToLowerInvariant()}";
        return $"{_picture.Containers[at].Title} {_row.Range}: {Label(cell)}, {ByteSize.Of(_row.Range.Length)}{entries}{pages}{difference}";
    }

    private static string N(double value) => SvgCanvas.Number(value);
}
