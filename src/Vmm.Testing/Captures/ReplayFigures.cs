namespace Vmm.Testing.Captures;

/// <summary>What calls did to mappings, in a step or in all.</summary>
/// <param name="Maps">Mappings made.</param>
/// <param name="Unmaps">Calls that unmapped something.</param>
/// <param name="Churn">Bytes of RAM that a step unmapped and mapped again at the same IOVA, with the same host byte and access.</param>
/// <param name="Entries">Mappings live at the end, in the container that has most; over several steps the most there were.</param>
public sealed record ReplayFigures(int Maps, int Unmaps, UInt128 Churn, int Entries)
{
    /// <summary>Nothing.</summary>
    public static readonly ReplayFigures None = new(0, 0, 0, 0);

    /// <summary>Both steps.</summary>
    public static ReplayFigures operator +(ReplayFigures one, ReplayFigures other) => Add(one, other);

    /// <summary>Both steps.</summary>
    public static ReplayFigures Add(ReplayFigures one, ReplayFigures other)
    {
        ArgumentNullException.ThrowIfNull(one);
        ArgumentNullException.ThrowIfNull(other);
        return new(one.Maps + other.Maps, one.Unmaps + other.Unmaps, one.Churn + other.Churn, Math.Max(one.Entries, other.Entries));
    }
}
