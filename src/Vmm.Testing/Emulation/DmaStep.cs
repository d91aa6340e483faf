using Vmm.Iommu.Addressing;
using Vmm.Testing.Emulation.Memory;

namespace Vmm.Testing.Emulation;

/// <summary>A run of an access that lies in one piece of memory, or why there is none.</summary>
/// <param name="Fault">Why there is none.</param>
/// <param name="Segment">The memory.</param>
/// <param name="Offset">Where in it.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Wrote">Told of what was written, by IOVA and length; null where nobody asks.</param>
/// <param name="Borrowed">What was pinned for this run alone.</param>
internal readonly record struct DmaStep(
    DmaFault Fault,
    PinnedSegment Segment = default,
    ulong Offset = 0,
    int Length = 0,
    Action<ulong, ulong>? Wrote = null,
    PinnedSegment[]? Borrowed = null)
{
    /// <summary>Lets go of what was pinned for this step alone.</summary>
    public void End() => PinAttempt.Release(Borrowed ?? []);

    public DmaOutcome Stopped(Iova start, int done) => new(Fault, new Iova(start.Value + (ulong)done), done);
}
