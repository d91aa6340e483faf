namespace Vmm.Benchmarks.Results;

/// <summary>What a figure should be.</summary>
/// <param name="Text">For people: <c>&lt; 2 ms</c>.</param>
/// <param name="Most">In the figure's unit; null where it may be as large as it likes.</param>
/// <param name="Least">In the figure's unit; null where it may be as small as it likes.</param>
internal sealed record Aim(string Text, double? Most, double? Least)
{
    /// <summary>No aim: a figure to compare others with.</summary>
    public static Aim None { get; } = new("", null, null);

    /// <summary>No more than that.</summary>
    public static Aim AtMost(double most, string text) => new(text, most, null);

    /// <summary>No less than that.</summary>
    public static Aim AtLeast(double least, string text) => new(text, null, least);

    /// <summary>Whether it holds for a value; null without an aim.</summary>
    public bool? HoldsFor(double value) => Most is null && Least is null ? null : value <= (Most ?? double.MaxValue) && value >= (Least ?? double.MinValue);
}
