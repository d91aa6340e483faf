namespace Vmm.Cli.Drawing;

/// <summary>What is in a range in one container.</summary>
/// <param name="Look">How it looks.</param>
/// <param name="Name">The memory region, or the kind of hole; empty where there is nothing. For what was removed, what it was.</param>
internal readonly record struct IovaCell(Look Look, string Name)
{
    /// <summary>True when an IOVA of it may be mapped.</summary>
    internal bool IsWindow { get; init; }

    /// <summary>True when firmware wishes it 1:1, which is never in the way.</summary>
    internal bool IsRelaxable { get; init; }

    internal Difference Difference { get; init; }

    /// <summary>The largest pages of its mappings, as a bitmap: bit n for pages of 2^n bytes.</summary>
    internal ulong Pages { get; init; }

    /// <summary>Mappings that begin in it.</summary>
    internal int Entries { get; init; }

    /// <summary>True when the eye needs no border between the two.</summary>
    internal bool LooksLike(IovaCell other) =>
        Look == other.Look && Name == other.Name && IsWindow == other.IsWindow && IsRelaxable == other.IsRelaxable && Difference == other.Difference;

    /// <summary>Two neighbours in one.</summary>
    internal IovaCell With(IovaCell next) => new(Look == next.Look ? Look : Look.Mixed, Name.Length == 0 || next.Name == Name ? next.Name : next.Name.Length == 0 ? Name : "…")
    {
        IsWindow = IsWindow && next.IsWindow,
        IsRelaxable = IsRelaxable || next.IsRelaxable,
        Difference = (Difference)Math.Max((int)Difference, (int)next.Difference),
        Pages = Pages | next.Pages,
        Entries = Entries + next.Entries,
    };
}
