using System.Text;

namespace Vmm.Cli.Drawing.Svg;

/// <summary>Draws a row that stands for many: slices of it from top to bottom, in each a bar for each look, as long as its share of the bytes.</summary>
internal static class ShareSketch
{
    private const double Slice = 3;

    // What is reserved, skipped or dying is seen however little it is.
    private const double LeastSeen = 2;

    private static readonly Look[] Order = [Look.Writable, Look.ReadOnly, Look.Dying, Look.Reserved, Look.Skipped, Look.Outside];

    /// <summary>Draws one container's cell.</summary>
    internal static void Draw(SvgCanvas canvas, IovaRow row, int container, (double X, double Y, double Width, double Height) box, string title)
    {
        canvas.Rect(box.X, box.Y, box.Width, box.Height, "free", title);
        var slices = Math.Max(1, (int)(box.Height / Slice));
        var shares = Shares(row, container, slices);
        foreach (var look in Order)
        {
            var path = PathOf(look, shares, box, box.Height / slices);
            if (path.Length > 0)
            {
                canvas.Path(path, SvgStyle.Of(look));
            }
        }
    }

    /// <summary>For each slice, from low to high addresses, how much of it looks how: from 0 to 1, together at most 1.</summary>
    internal static double[][] Shares(IovaRow row, int container, int slices)
    {
        var shares = Enumerable.Range(0, slices).Select(_ => new double[Order.Length]).ToArray();
        var start = (double)row.Range.Start.Value;
        var scale = slices / (double)row.Range.Length;
        foreach (var part in row.Parts)
        {
            var look = Array.IndexOf(Order, part.Cells[container].Look);
            if (look < 0)
            {
                continue;
            }

            var from = Math.Clamp(((double)part.Range.Start.Value - start) * scale, 0, slices);
            var end = Math.Min(slices, from + ((double)part.Range.Length * scale));
            for (var slice = (int)from; slice < end; slice++)
            {
                shares[slice][look] += Math.Max(0, Math.Min(end, slice + 1) - Math.Max(from, slice));
            }
        }

        return shares;
    }

    private static string PathOf(Look look, double[][] shares, (double X, double Y, double Width, double Height) box, double height)
    {
        var path = new StringBuilder();
        for (var slice = 0; slice < shares.Length;)
        {
            var (left, width) = Bar(look, shares[slice], box.Width);
            var end = slice + 1;
            while (end < shares.Length && Bar(look, shares[end], box.Width) == (left, width))
            {
                end++;
            }

            if (width > 0)
            {
                var (x, y, deep) = (SvgCanvas.Number(box.X + left), SvgCanvas.Number(box.Y + (slice * height)), SvgCanvas.Number((end - slice) * height));
                path.Append($"M{x} {y}h{SvgCanvas.Number(width)}v{deep}H{x}z");
            }

            slice = end;
        }

        return path.ToString();
    }

    /// <summary>Where a look's bar lies in a slice, in whole pixels from the left.</summary>
    private static (double Left, double Width) Bar(Look look, double[] share, double width)
    {
        var at = Array.IndexOf(Order, look);
        if (share[at] <= 0)
        {
            return (0, 0);
        }

        var left = Math.Floor(share.Take(at).Sum() * width);
        var wide = Math.Max(LeastSeen, Math.Round(share[at] * width));
        return (Math.Min(left, width - LeastSeen), Math.Min(wide, width - Math.Min(left, width - LeastSeen)));
    }
}
