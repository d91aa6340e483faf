namespace Vmm.Cli.Drawing.Svg;

/// <summary>
/// How wide text is at most, in pixels, without knowing the font that a viewer has: drawings leave that much room. Every font
/// named in the style sheet is narrower.
/// </summary>
internal static class TextWidth
{
    private const double Fixed = 0.62;

    /// <summary>The width of a text in a font of fixed width.</summary>
    internal static double Of(string text, double size) => Columns(text) * Fixed * size;

    /// <summary>A text, cut where it is wider than it may be.</summary>
    internal static string Fit(string text, double size, double width)
    {
        if (Of(text, size) <= width)
        {
            return text;
        }

        var end = text.Length;
        while (end > 0 && Of(text[..end] + "…", size) > width)
        {
            end -= end > 1 && char.IsLowSurrogate(text[end - 1]) ? 2 : 1;
        }

        return end == 0 ? "" : text[..end] + "…";
    }

    /// <summary>A text in lines that are not wider than they may be.</summary>
    internal static IReadOnlyList<string> Wrap(string text, double size, double width) =>
        [.. Wrapping.Lines(text, Math.Max(1, (int)(width / (Fixed * size) / (text.Any(IsWide) ? 2 : 1))))];

    private static int Columns(string text) => text.Sum(letter => IsWide(letter) ? 2 : 1);

    // Scripts of East Asia and pictures take two columns; a pair of surrogates is counted as four, which is too much and never too little.
    private static bool IsWide(char letter) => letter >= '\u1100' && letter is not ('…' or '↻' or '⋯' or '◦' or '·' or '−' or '→' or 'Δ');
}
