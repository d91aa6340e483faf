using Vmm.Iommu.Addressing;
using Vmm.Iommu.Results;

namespace Vmm.Actors;

/// <summary>What a vIOMMU's replay of a window came to.</summary>
/// <param name="Maps">Mappings that the guest has there.</param>
/// <param name="Failed">Those that could not be made.</param>
/// <param name="FirstFailed">The first of those; null when there is none.</param>
/// <param name="FirstFailure">Its answer.</param>
public sealed record ReplayOutcome(long Maps, long Failed, IovaRange? FirstFailed, MapResult FirstFailure)
{
    /// <summary>Nothing was there to be mapped.</summary>
    public static readonly ReplayOutcome Nothing = new(0, 0, FirstFailed: null, MapResult.Ok);

    /// <summary>Why the vIOMMU does not map in the window at all, in words; null when it does.</summary>
    public string? Refusal { get; private init; }

    /// <summary>The answer of a vIOMMU that does not tell of maps.</summary>
    /// <param name="words">Why, and what to do, such as to switch its caching mode on.</param>
    public static ReplayOutcome Refused(string words) => Nothing with { Refusal = words };

    /// <summary>This and a further mapping.</summary>
    /// <param name="range">Where.</param>
    /// <param name="result">What the mapper answered.</param>
    public ReplayOutcome And(IovaRange range, MapResult result) => result.IsOk
        ? this with { Maps = Maps + 1 }
        : new(Maps + 1, Failed + 1, FirstFailed ?? range, FirstFailed is null ? result : FirstFailure);

    /// <summary>What could not be made, for people; empty when everything was.</summary>
    public override string ToString() => Failed == 0
        ? string.Empty
        : $"{Failed} of {Maps} mappings of the vIOMMU could not be made again, the first at {FirstFailed} ({FirstFailure}): devices fault there";
}
