using Vmm.Actors;

namespace Vmm.Testing.Captures;

/// <summary>A step of a replay: what came of it here.</summary>
/// <param name="Captured">The step of the capture.</param>
/// <param name="Calls">The calls that were made here, in order.</param>
/// <param name="Refusal">The words of the refusal; null when nothing was refused.</param>
/// <param name="Spaces">Every address space after the step: containers, mappings, windows, sections left out.</param>
public sealed record ReplayStep(CaptureStep Captured, IReadOnlyList<ReplayedCall> Calls, string? Refusal, IReadOnlyList<AddressSpaceState> Spaces);
