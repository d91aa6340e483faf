namespace Vmm.Cli.Drawing.Svg;

/// <summary>Where a text stands on a page, in pixels. No two of a page may touch.</summary>
internal sealed record TextBox(double Left, double Top, double Width, double Height, string Text)
{
    /// <summary>True when the two share some of the page.</summary>
    internal bool Overlaps(TextBox other) =>
        Left < other.Left + other.Width && other.Left < Left + Width && Top < other.Top + other.Height && other.Top < Top + Height;
}
