using System.Text.Json.Serialization;

namespace Vmm.Benchmarks.Results;

/// <summary>One row of the table: what was measured, how it came out, and what it should have been.</summary>
/// <param name="Name">Row and what of it: <c>containers/replay: 65,535 mappings into a new container</c>.</param>
/// <param name="Unit"><c>ns</c> of an operation, <c>ratio</c>, <c>bytes</c>, or another; what ends with <c>/s</c> is better the larger it is.</param>
/// <param name="Value">The median of the blocks; of a ratio that of the two medians.</param>
/// <param name="P5">Of the blocks, in the unit.</param>
/// <param name="P95">Of the blocks, in the unit.</param>
/// <param name="Blocks">How many were measured.</param>
/// <param name="Operations">In each of them.</param>
/// <param name="Work">Processor time of all threads for an operation, in nanoseconds; null where it says nothing.</param>
/// <param name="Bytes">Allocated by all threads for an operation.</param>
/// <param name="Collections">By the garbage collector while the blocks ran, by generation from 0.</param>
/// <param name="PauseMilliseconds">That the collector stopped everything for, in all blocks.</param>
/// <param name="Control">The ratio of a body to itself, block by block, in the same run: what is noise. Null where nothing was timed.</param>
/// <param name="Aim">What it should be.</param>
/// <param name="Holds">Whether it is; null without an aim.</param>
/// <param name="Note">What else was seen.</param>
internal sealed record Figure(
    string Name,
    string Unit,
    double Value,
    double P5,
    double P95,
    int Blocks,
    int Operations,
    double? Work,
    double Bytes,
    IReadOnlyList<int> Collections,
    double PauseMilliseconds,
    Spread? Control,
    Aim Aim,
    bool? Holds,
    string? Note = null)
{
    /// <summary>True where a larger value is a better one.</summary>
    [JsonIgnore]
    public bool IsBetterLarger => Aim.Least is not null || Unit.EndsWith("/s", StringComparison.Ordinal);

    /// <summary>A number that was counted and not timed.</summary>
    /// <param name="name">What was counted.</param>
    /// <param name="unit">Of what.</param>
    /// <param name="value">How many.</param>
    /// <param name="aim">What it should be.</param>
    public static Figure Counted(string name, string unit, double value, Aim aim) => Of(name, unit, [value], aim);

    /// <summary>Values that a benchmark measured by itself, such as percentiles of latencies, one a block.</summary>
    /// <param name="name">What was measured.</param>
    /// <param name="unit">In what.</param>
    /// <param name="values">One a block, at least one.</param>
    /// <param name="aim">What their median should be.</param>
    public static Figure Of(string name, string unit, IReadOnlyList<double> values, Aim aim)
    {
        var (median, p5, p95) = Spread.Of(values);
        return new(name, unit, median, p5, p95, values.Count, 1, null, 0, [], 0, null, aim, aim.HoldsFor(median));
    }
}
