namespace Vmm.Cli.Drawing;

/// <summary>A line of pieces, each with its ink. Its text alone says everything; ink only helps the eye.</summary>
internal sealed class DrawnLine
{
    private readonly List<(string Text, Ink Ink)> _pieces = [];

    internal DrawnLine(params ReadOnlySpan<(string Text, Ink Ink)> pieces)
    {
        foreach (var (text, ink) in pieces)
        {
            Add(text, ink);
        }
    }

    internal IReadOnlyList<(string Text, Ink Ink)> Pieces => _pieces;

    internal DrawnLine Add(string text, Ink ink = Ink.Plain)
    {
        if (text.Length > 0)
        {
            _pieces.Add((text, ink));
        }

        return this;
    }

    /// <summary>The line without ink and without blanks at its end.</summary>
    public override string ToString() => string.Concat(_pieces.Select(piece => piece.Text)).TrimEnd();
}
