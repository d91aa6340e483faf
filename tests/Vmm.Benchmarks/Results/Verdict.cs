namespace Vmm.Benchmarks.Results;

/// <summary>What became of a figure between two runs.</summary>
internal enum Verdict
{
    /// <summary>The difference is one that a run shows to itself.</summary>
    Same,

    /// <summary>Better by more than the noise of either run.</summary>
    Better,

    /// <summary>Worse by more than the noise of either run.</summary>
    Worse,

    /// <summary>Allocates where it did not, or a tenth more than it did.</summary>
    AllocatesMore,

    /// <summary>In the first file only.</summary>
    Gone,

    /// <summary>In the second file only.</summary>
    New,
}
