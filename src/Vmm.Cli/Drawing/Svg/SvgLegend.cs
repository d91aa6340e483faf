namespace Vmm.Cli.Drawing.Svg;

/// <summary>What the patterns and marks mean.</summary>
internal static class SvgLegend
{
    private const double Size = 11;
    private const double RowHeight = 20;

    private static readonly (string Look, string Words)[] Fills =
    [
        ("rw", "rw mapped"), ("ro", "ro mapped read-only"), ("res", "reserved, a hole"), ("skip", "skipped, left out"), ("dying", "unmap failed"),
        ("out", "no window: cannot map"), ("win", "window: may be mapped"), ("wish", "direct-relaxable wish"),
    ];

    private static readonly string[] Lines =
    [
        "⋯ break in the axis: nothing there, length left out",
        "4K 2M 1G: largest pages that address, offset and length allow",
        "pale box: many ranges, bars as long as the share that is mapped",
    ];

    private static readonly Difference[] Marks = [Difference.Added, Difference.Removed, Difference.Changed, Difference.Churned, Difference.Window];

    /// <summary>Draws it.</summary>
    /// <returns>Its height.</returns>
    internal static double Draw(SvgCanvas canvas, double x, double y, double width)
    {
        var (at, row) = (x, y);
        foreach (var (look, words) in Fills)
        {
            Next(words, 30);
            var narrow = look is "win" or "wish";
            canvas.Rect(at, row + 3, narrow ? 7 : 22, 14, look);
            if (!narrow)
            {
                canvas.Rect(at, row + 3, 22, 14, "box");
            }

            at += canvas.Text(at + (narrow ? 13 : 28), row + 10, words, Size, width, "f") + (narrow ? 31 : 46);
        }

        foreach (var mark in Marks)
        {
            var words = Words(mark);
            Next(words, 16);
            canvas.Text(at, row + 10, $"{SpaceChanges.MarkOf(mark)}", 13, 20, $"b t{SvgStyle.Of(mark)}");
            at += canvas.Text(at + 14, row + 10, words, Size, width, "f") + 32;
        }

        foreach (var words in Lines)
        {
            Next(words, 0);
            at += canvas.Text(at, row + 10, words, Size, width, "f") + 18;
        }

        return row + RowHeight - y;

        void Next(string words, double before)
        {
            if (at > x && at + before + TextWidth.Of(words, Size) > x + width)
            {
                (at, row) = (x, row + RowHeight);
            }
        }
    }

    private static string Words(Difference difference) => difference switch
    {
        Difference.Added => "added by the step",
        Difference.Removed => "removed",
        Difference.Changed => "mapped in another way",
        Difference.Churned => "churn: unmapped, mapped again as it was",
        _ => "window changed",
    };
}
