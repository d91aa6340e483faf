using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.Mappings;
using Vmm.Iommu.Planning;
using Vmm.Iommu.Reserved;

namespace Vmm.Iommu.Tests.Planning;

/// <summary>Blocks, sections and tables for plans. Addresses are made up and never followed.</summary>
internal static class Tables
{
    public const long Entries = 65_535;

    public static RamBlock Block(string name, ulong host = 0x7000_0000_0000, ulong length = 1UL << 56) =>
        RamBlock.FromExisting(name, new HostAddress(host), length);

    public static DmaSection Section(RamBlock block, ulong start, ulong last, DmaAccess access = DmaAccess.ReadWrite, bool skippable = false, ulong? offset = null) =>
        new(IovaRange.FromBounds(start, last), block, offset ?? start, access, skippable, block.Name);

    public static MappingRules Rules(IEnumerable<DmaSection> view, MappingPlanMode mode = MappingPlanMode.Steady, long entries = Entries) =>
        MappingRules.For(view, PageSizes.FourKiB, entries, ValidIovaRanges.All, mode);

    /// <summary>Does what a plan says: removals first. Fails where a step cannot be done.</summary>
    public static void Apply(MappingPlan plan, MappingTable table)
    {
        foreach (var range in plan.Removals)
        {
            Assert.False(table.IsCutBy(range), $"{range} cuts a mapping");
            while (table.TryFirstOverlap(range, out var mapping))
            {
                table.TryRemove(mapping.Range.Start, out var removed);
                removed.Lease.End();
            }
        }

        foreach (var addition in plan.Additions)
        {
            Assert.True(addition.Block.TryLease(out var lease));
            Assert.True(
                table.TryAdd(new(addition.Range, lease, addition.Offset, addition.Access, MappingState.Live)), $"{addition.Range} is taken");
        }
    }

    public static MappingTable Mapped(IReadOnlyList<DmaSection> view, MappingPlanMode mode = MappingPlanMode.Steady)
    {
        var table = new MappingTable();
        Apply(MappingPlan.ForView(table, MappingPlan.TargetOf(view), Rules(view, mode)), table);
        return table;
    }
}
