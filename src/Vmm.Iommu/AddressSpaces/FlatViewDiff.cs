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

    /// <summary>Compares two views in one walk over both.</summary>
    public static FlatViewDiff Between(FlatView before, FlatView after)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);
        var removed = new List<MemorySection>();
        var added = new List<MemorySection>();
        for (int old = 0, now = 0; old < before.Count || now < after.Count;)
        {
            if (old < before.Count && now < after.Count && before[old] == after[now])
            {
                (old, now) = (old + 1, now + 1);
            }
            else if (now == after.Count || (old < before.Count && before[old].Range.Start <= after[now].Range.Start))
            {
                removed.Add(before[old++]);
            }
            else
            {
                added.Add(after[now++]);
            }
        }

        return new(removed, added);
    }
}
