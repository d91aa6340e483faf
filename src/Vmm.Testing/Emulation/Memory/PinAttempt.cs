namespace Vmm.Testing.Emulation.Memory;

/// <summary>What pinning a range found: its segments up to the first address that cannot be pinned.</summary>
/// <param name="Segments">Pinned runs in order; they hold pins until <see cref="Release()"/>.</param>
/// <param name="ChargedPages">Pages of 4 KiB among them that count against the limit on locked memory.</param>
/// <param name="IsWhole">False when an address could not be pinned.</param>
internal readonly record struct PinAttempt(PinnedSegment[] Segments, ulong ChargedPages, bool IsWhole)
{
    public void Release() => Release(Segments);

    public static void Release(PinnedSegment[] segments)
    {
        foreach (var segment in segments)
        {
            segment.Block?.Unpin();
        }
    }
}
