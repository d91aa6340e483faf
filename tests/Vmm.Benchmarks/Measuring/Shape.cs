namespace Vmm.Benchmarks.Measuring;

/// <summary>One body to be measured.</summary>
/// <param name="Operations">In a block of it.</param>
/// <param name="Work">All operations of a block.</param>
internal sealed record Shape(int Operations, Action Work)
{
    /// <summary>Done in front of each block, and not measured.</summary>
    public Action? Before { get; init; }

    /// <summary>Done behind each block, and not measured.</summary>
    public Action? After { get; init; }

    /// <summary>Nanoseconds of the last block by another clock, such as that of another process; null for this process' own.</summary>
    public Func<double>? Clock { get; init; }
}
