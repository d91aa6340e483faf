using Vmm.Actors;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Results;

namespace Vmm.Testing.Scenarios;

/// <summary>What came of a step.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Words">One line for a person.</param>
public sealed record StepObservation(StepOutcome Outcome, string Words)
{
    /// <summary>Why it was refused; null when it was not.</summary>
    public Refusal? Refusal { get; init; }

    /// <summary>The container that the device is in; null where there is none.</summary>
    public int? Container { get; init; }

    /// <summary>The valid windows; null where nothing told them.</summary>
    public ValidIovaRanges? Windows { get; init; }

    /// <summary>Sections that were left out; null where nothing told them.</summary>
    public IReadOnlyList<SkippedSection>? Skipped { get; init; }

    /// <summary>What a commit did; null for other steps.</summary>
    public ViewReport? View { get; init; }

    /// <summary>Bytes that were read, or that the guest sees where a device wrote; null for other steps.</summary>
    public ReadOnlyMemory<byte>? Bytes { get; init; }

    /// <summary>What the kernel answered, where it was asked and refused.</summary>
    public Errno Errno => Refusal?.Errno ?? default;

    /// <summary>The outcome and its words.</summary>
    public override string ToString() => Words.Length == 0 ? Scenarios.Words.Of(Outcome) : $"{Scenarios.Words.Of(Outcome)}: {Words}";
}
