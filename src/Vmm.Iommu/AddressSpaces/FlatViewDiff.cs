namespace Vmm.Iommu.AddressSpaces;

/// <summary>What changed from one view to the next: what is gone, ascending, then what is new, ascending. Immutable.</summary>
/// <remarks>
/// QEMU: a section is the same only if range, region, offset, kind, read-only and memory all are. One whose read-only
/// flag flips is removed and added, and all removals come before all additions.
/// </remarks>
/// <param name="Removed">Sections of the old view that the new one does not have, ascending.</param>
/// <param name="Added">Sections of the new view that the old one did not have, ascending.</param>
public sealed record FlatViewDiff(IReadOnlyList<MemorySection> Removed, IReadOnlyList<MemorySection> Added)
{
    /// <summary>True when nothing changed.</summary>
    public bool IsEmpty => Removed.Count == 0 && Added.Count == 0;

    /// <summary>Compares two views in one walk over both, which passes over the chunks of sections that they share.</summary>
    public static FlatViewDiff Between(FlatView before, FlatView after)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);
        var removed = new List<MemorySection>();
        var added = new List<MemorySection>();
        var (old, now) = (new FlatView.Cursor(before), new FlatView.Cursor(after));
        while (!old.IsAtEnd || !now.IsAtEnd)
        {
            if (old.TrySkipShared(ref now))
            {
                continue;
            }

            if (!old.IsAtEnd && !now.IsAtEnd && old.Current == now.Current)
            {
                old.Step();
                now.Step();
            }
            else if (now.IsAtEnd || (!old.IsAtEnd && old.Current.Range.Start <= now.Current.Range.Start))
            {
                removed.Add(old.Current);
                old.Step();
            }
            else
            {
                added.Add(now.Current);
                now.Step();
            }
        }

        return new(removed, added);
    }
}
