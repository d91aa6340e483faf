using Vmm.Actors;

namespace Vmm.Testing.Captures;

/// <summary>A step of a replay: what came of it here, and what the capture says.</summary>
/// <param name="Captured">The step of the capture.</param>
/// <param name="Calls">The calls that were made here, in order.</param>
/// <param name="Refusal">The words of the refusal; null when nothing was refused.</param>
/// <param name="Spaces">Every address space after the step: containers, mappings, windows, sections left out.</param>
public sealed record ReplayStep(CaptureStep Captured, IReadOnlyList<ReplayedCall> Calls, string? Refusal, IReadOnlyList<AddressSpaceState> Spaces)
{
    /// <summary>QEMU's calls, in order, without those that are left out.</summary>
    public required IReadOnlyList<ReplayedCall> Expected { get; init; }

    /// <summary>QEMU's calls on the kvm-vfio device, which are not made here.</summary>
    public int LeftOut => Captured.Calls.Count - Expected.Count;

    /// <summary>What QEMU's calls did to mappings.</summary>
    public ReplayFigures Qemu { get; init; } = ReplayFigures.None;

    /// <summary>What our calls did to mappings.</summary>
    public ReplayFigures Ours { get; init; } = ReplayFigures.None;

    /// <summary>True when the calls are compared with the next step's: QEMU made them when both views stood.</summary>
    public bool IsDeferred { get; init; }

    /// <summary>The first difference; null where there is none, or nothing is compared.</summary>
    public ReplayDifference? Difference { get; init; }
}
