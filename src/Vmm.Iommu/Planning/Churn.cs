using Vmm.Iommu.Mappings;

namespace Vmm.Iommu.Planning;

/// <summary>Counts what is unmapped only to be mapped again as it was.</summary>
internal static class Churn
{
    /// <summary>Bytes of RAM with the same host byte and access on both sides; both ascend.</summary>
    public static UInt128 Of(IReadOnlyList<LiveMapping> removed, IReadOnlyList<PlannedMapping> added)
    {
        UInt128 bytes = 0;
        for (int old = 0, now = 0; old < removed.Count && now < added.Count;)
        {
            var (before, after) = (removed[old], added[now]);
            if (!after.Section.IsSkippable
                && before.Range.TryIntersect(after.Range, out var shared)
                && after.Section.Agrees(before.Range, before.Lease.Block, before.Offset, before.Access))
            {
                bytes += shared.Length;
            }

            (old, now) = before.Range.Last < after.Range.Last ? (old + 1, now) : (old, now + 1);
        }

        return bytes;
    }
}
