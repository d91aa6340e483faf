using FsCheck.Fluent;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.Mappings;
using Vmm.Iommu.Tests.Properties;

namespace Vmm.Iommu.Tests.Mappings;

public class MappingTablePropertyTests
{
    private enum Act
    {
        Map,
        MapAgain,
        Unmap,
        FailToUnmap,
    }

    [Fact]
    public void Mappings_bytes_dying_ones_and_leases_are_those_of_a_plain_list() => Generated.HoldsForAll(
        from count in Gen.Choose(0, 60)
        from steps in (from act in Gen.Elements(Enum.GetValues<Act>()) from range in Ranges.Mixed() select (act, range)).ArrayOf(count)
        select steps,
        Agrees,
        count: 400);

    private static bool Agrees((Act Act, IovaRange Range)[] steps)
    {
        var block = RamBlock.FromExisting("block", new HostAddress(0), ulong.MaxValue);
        var (table, model) = (new MappingTable(), new List<(IovaRange Range, bool IsDying)>());
        foreach (var (act, range) in steps)
        {
            if (!StepAgrees(table, model, block, act, range) || !Shows(table, model) || block.Leases != model.Count)
            {
                return false;
            }
        }

        return true;
    }

    private static bool StepAgrees(MappingTable table, List<(IovaRange Range, bool IsDying)> model, RamBlock block, Act act, IovaRange range)
    {
        var at = model.FindIndex(entry => entry.Range.Start == range.Start);
        switch (act)
        {
            case Act.Unmap:
                var removes = table.TryRemove(range.Start, out var removed);
                if (removes)
                {
                    removed.Lease.End();
                }

                var isRight = removes == at >= 0 && (at < 0 || removed.Range == model[at].Range);
                model.RemoveRange(Math.Max(at, 0), at < 0 ? 0 : 1);
                return isRight;
            case Act.FailToUnmap:
                if (at >= 0)
                {
                    model[at] = (model[at].Range, true);
                }

                return table.MarkDying(range.Start) == at >= 0;
            default:
                var isFree = !model.Exists(entry => entry.Range.Overlaps(range));
                if (isFree)
                {
                    model.Add((range, false));
                }

                block.TryLease(out var lease);
                var isAdded = table.TryAdd(new(range, lease, 0, DmaAccess.ReadWrite, MappingState.Live));
                if (!isAdded)
                {
                    lease.End();
                }

                return isAdded == isFree;
        }
    }

    private static bool Shows(MappingTable table, List<(IovaRange Range, bool IsDying)> model) =>
        table.Select(mapping => (mapping.Range, mapping.State == MappingState.Dying)).SequenceEqual(model.OrderBy(entry => entry.Range))
        && table.Count == model.Count
        && table.Bytes == Naive.Sum(model.Select(entry => entry.Range))
        && table.DyingCount == model.Count(entry => entry.IsDying)
        && table.DyingBytes == Naive.Sum(model.Where(entry => entry.IsDying).Select(entry => entry.Range));
}
