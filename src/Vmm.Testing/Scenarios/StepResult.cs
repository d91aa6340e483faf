using Vmm.Actors;
using Vmm.Iommu.Topology;

namespace Vmm.Testing.Scenarios;

/// <summary>How a step went.</summary>
/// <param name="Number">Its number, from 1; parts of a concurrent step count as <c>4.1</c>, <c>4.2</c>.</param>
/// <param name="Step">The step.</param>
/// <param name="At">Virtual time at its end.</param>
/// <param name="Asked">What was asked, in words.</param>
/// <param name="Happened">What came of it.</param>
public sealed record StepResult(string Number, ScenarioStep Step, TimeSpan At, string Asked, StepObservation Happened)
{
    /// <summary>Kernel calls that were made meanwhile, in order; for a part of a concurrent step, none: they are the whole step's.</summary>
    public IReadOnlyList<string> Calls { get; init; } = [];

    /// <summary>What the watchers of host and windows heard meanwhile, in order.</summary>
    public IReadOnlyList<string> Events { get; init; } = [];

    /// <summary>What the VMM's actors logged meanwhile, in order; empty where no step of the scenario expects anything of it.</summary>
    public IReadOnlyList<string> Log { get; init; } = [];

    /// <summary>What was not as expected.</summary>
    public IReadOnlyList<Mismatch> Mismatches { get; init; } = [];

    /// <summary>Parts of a concurrent step, in the order of the list.</summary>
    public IReadOnlyList<StepResult> Parts { get; init; } = [];

    /// <summary>The address spaces afterwards; empty where they could not be asked.</summary>
    public IReadOnlyList<AddressSpaceState> Spaces { get; init; } = [];

    /// <summary>The host afterwards; null where it could not be asked.</summary>
    public HostTopology? Topology { get; init; }

    /// <summary>True when everything was as expected.</summary>
    public bool Passed => AllMismatches.Count == 0;

    /// <summary>What was not as expected, of its parts too.</summary>
    public IReadOnlyList<Mismatch> AllMismatches => [.. Parts.SelectMany(part => part.AllMismatches), .. Mismatches];

    /// <summary>Number, what was asked, what came of it, and what was not as expected.</summary>
    public override string ToString() =>
        string.Join(Environment.NewLine, [$"{Number,4} {Asked}: {Happened}", .. Parts.Select(part => part.ToString()), .. Mismatches.Select(mismatch => $"     {mismatch}")]);
}
