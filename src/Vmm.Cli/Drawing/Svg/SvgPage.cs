using System.Text;

namespace Vmm.Cli.Drawing.Svg;

/// <summary>Draws a story as one SVG file that needs nothing else: a panel a step, one below the other.</summary>
/// <param name="Text">The file.</param>
/// <param name="Texts">Where each text stands.</param>
internal sealed record SvgPage(string Text, IReadOnlyList<TextBox> Texts)
{
    private const double Size = 12;
    private const double Line = 17;
    private const double Inner = Columns.Page - (2 * Columns.Margin) - 32;

    /// <summary>Draws it. A function of the story alone.</summary>
    internal static SvgPage Of(MapStory story)
    {
        using var body = new SvgCanvas();
        using var ground = new SvgCanvas();
        var at = DrawHead(body, story);
        foreach (var step in story.Steps)
        {
            var height = DrawStep(body, step, at);
            ground.Rect(Columns.Margin, at, Columns.Page - (2 * Columns.Margin), height, "card", round: 8);
            ground.Break();
            body.Break();
            at += height + 14;
        }

        var page = new StringBuilder();
        page.Append($"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {SvgCanvas.Number(Columns.Page)} {SvgCanvas.Number(at + 6)}\" width=\"{SvgCanvas.Number(Columns.Page)}\" height=\"{SvgCanvas.Number(at + 6)}\" role=\"img\">\n");
        page.Append($"<title>{Escaped($"IOVA spaces of {story.Title}")}</title>\n<style>\n{SvgStyle.Sheet}\n</style>\n<defs>\n{SvgStyle.Patterns}\n</defs>\n");
        page.Append("<rect class=\"bg\" width=\"100%\" height=\"100%\"/>\n").Append(ground.Body()).Append(body.Body()).Append("</svg>\n");
        return new SvgPage(page.Replace("\r\n", "\n").ToString(), body.Texts);
    }

    private static double DrawHead(SvgCanvas canvas, MapStory story)
    {
        var at = Columns.Margin + 10;
        canvas.Text(Columns.Margin, at, story.Title, 20, Columns.Page - (2 * Columns.Margin), "b");
        at += 24;
        foreach (var line in TextWidth.Wrap(SvgCanvas.Clean(story.About), Size, Columns.Page - (2 * Columns.Margin)))
        {
            canvas.Text(Columns.Margin, at, line, Size, Columns.Page, "f");
            at += Line;
        }

        at += 2;
        at += SvgLegend.Draw(canvas, Columns.Margin, at, Columns.Page - (2 * Columns.Margin)) + 8;
        canvas.Break();
        return at;
    }

    private static double DrawStep(SvgCanvas canvas, MapStep step, double top)
    {
        var x = Columns.Margin + 16;
        var badge = TextWidth.Of(step.Number, Size) + 14;
        canvas.Rect(x, top + 10, badge, 20, "badge", round: 10);
        canvas.Text(x + 7, top + 20, step.Number, Size, badge, "onbadge");
        var at = Lines(canvas, step.Asked, x + badge + 10, top + 20, Inner - badge - 10, 13, "b");
        at = Lines(canvas, $"→ {step.Happened}", x, at + 3, Inner, Size, step.IsGood ? "" : "bad");
        if (step.IsAsBefore)
        {
            at = Lines(canvas, "The picture is as before.", x, at, Inner, Size, "f");
            return at - top;
        }

        foreach (var frame in step.Spaces.Where(frame => step.Spaces.Count == 1 || !frame.IsAsBefore))
        {
            foreach (var change in SpaceChanges.Of(frame, IovaRows.Of(frame)))
            {
                at = Lines(canvas, $"Δ {change}", x, at, Inner, Size, "");
            }

            at += SpaceSketch.Draw(canvas, frame, at + 6) + 6;
        }

        return step.Spaces.Count > 0 ? at - top : Lines(canvas, "The state could not be asked.", x, at, Inner, Size, "bad") - top;
    }

    /// <summary>Draws wrapped text, the first line centred on <paramref name="middle"/>.</summary>
    /// <returns>The middle of the line below.</returns>
    private static double Lines(SvgCanvas canvas, string text, double x, double middle, double width, double size, string look)
    {
        foreach (var line in TextWidth.Wrap(SvgCanvas.Clean(text), size, width))
        {
            canvas.Text(x, middle, line, size, width, look);
            middle += Line;
        }

        return middle;
    }

    private static string Escaped(string text) => System.Security.SecurityElement.Escape(SvgCanvas.Clean(text));
}
