namespace Vmm.Cli.Drawing.Svg;

/// <summary>Where things stand from left to right, in pixels.</summary>
/// <param name="Containers">Containers side by side; at least one.</param>
internal sealed record Columns(int Containers)
{
    internal const double Page = 1080;
    internal const double Margin = 20;
    internal const double Axis = 190;
    internal const double Band = 6;
    internal const double Sizes = Axis + 12;

    private const double First = Sizes + 82;
    private const double Between = 14;
    private const double MostWide = 360;
    private const double LeastNotes = 270;
    private const double Gutter = 15;
    private const double Gap = 3;

    private double Whole => Math.Min(MostWide, (Page - Margin - LeastNotes - First - (Between * Containers)) / Containers);

    /// <summary>Where notes begin, and how wide they may be.</summary>
    internal double Notes => Start(Containers) + 4;

    internal double NotesWidth => Page - (2 * Margin) - Notes;

    /// <summary>Where the mark of a difference stands.</summary>
    internal double Start(int container) => First + (container * (Whole + Between));

    /// <summary>The band of windows.</summary>
    internal double Windows(int container) => Start(container) + Gutter;

    /// <summary>The box of what is mapped.</summary>
    internal double Box(int container) => Windows(container) + Band + Gap;

    internal double BoxWidth => Whole - Gutter - (2 * (Band + Gap));

    /// <summary>The band of wishes that are never in the way.</summary>
    internal double Wishes(int container) => Box(container) + BoxWidth + Gap;

    /// <summary>The whole column.</summary>
    internal double Width => Whole;
}
