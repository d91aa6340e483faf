namespace Vmm.Cli.Drawing;

/// <summary>A step and the address spaces after it.</summary>
/// <param name="Number">Its number, from 1.</param>
/// <param name="Asked">What was asked, in words.</param>
/// <param name="Happened">What came of it, in words.</param>
/// <param name="Spaces">The spaces; empty where nobody could be asked.</param>
internal sealed record MapStep(string Number, string Asked, string Happened, IReadOnlyList<SpaceFrame> Spaces)
{
    /// <summary>False when it did not come as it was meant to.</summary>
    internal bool IsGood { get; init; } = true;

    /// <summary>True when no space looks different from before.</summary>
    internal bool IsAsBefore => Spaces.Count > 0 && Spaces.All(frame => frame.IsAsBefore);
}
