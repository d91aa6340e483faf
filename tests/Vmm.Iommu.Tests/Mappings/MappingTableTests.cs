using Vmm.Iommu.Addressing;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.Mappings;

namespace Vmm.Iommu.Tests.Mappings;

public class MappingTableTests
{
    private readonly RamBlock _ram = RamBlock.FromExisting("ram", new HostAddress(0x7000_0000_0000), 1UL << 30);

    [Fact]
    public void A_mapping_keeps_its_lease_until_it_is_removed_and_the_lease_ended()
    {
        var table = new MappingTable();
        Assert.True(table.TryAdd(Mapping(0x1000, 0x2000)));
        Assert.Equal(1, _ram.Leases);

        Assert.True(table.TryRemove(new Iova(0x1000), out var removed));
        Assert.Equal(1, _ram.Leases);
        removed.Lease.End();

        Assert.Equal(0, _ram.Leases);
        Assert.Equal(UInt128.Zero, table.Bytes);
    }

    [Fact]
    public void An_overlap_is_refused_and_the_lease_stays_with_the_caller()
    {
        var table = new MappingTable();
        table.TryAdd(Mapping(0x1000, 0x2000));
        var second = Mapping(0x2000, 0x1000);

        Assert.False(table.TryAdd(second));
        second.Lease.End();

        Assert.Equal(1, _ram.Leases);
        Assert.Equal(1, table.Count);
        Assert.Equal((UInt128)0x2000, table.Bytes);
    }

    [Fact]
    public void A_dying_mapping_still_holds_its_range_and_counts_once()
    {
        var table = new MappingTable();
        table.TryAdd(Mapping(0x1000, 0x2000));

        Assert.True(table.MarkDying(new Iova(0x1000)));
        Assert.True(table.MarkDying(new Iova(0x1000)));
        Assert.False(table.MarkDying(new Iova(0x2000)));

        Assert.Equal(1, table.DyingCount);
        Assert.True(table.TryFind(new Iova(0x2fff), out var mapping));
        Assert.Equal(MappingState.Dying, mapping.State);
        Assert.True(table.Overlaps(IovaRange.FromLength(0x2000, 1)));
        Assert.True(table.TryRemove(new Iova(0x1000), out _));
        Assert.Equal(0, table.DyingCount);
    }

    [Fact]
    public void A_mapping_without_a_lease_is_a_fault() =>
        Assert.Throws<ArgumentException>(() => new MappingTable().TryAdd(new LiveMapping(IovaRange.FromLength(0, 0x1000), default, 0, DmaAccess.Read, MappingState.Live)));

    [Theory]
    [InlineData(0x1000, 0x3000, false)]
    [InlineData(0x1000, 0x1000, true)]
    [InlineData(0x0000, 0x2000, true)]
    [InlineData(0x2000, 0x1000, true)]
    [InlineData(0x0000, 0x8000, false)]
    [InlineData(0x5000, 0x1000, false)]
    public void A_range_cuts_a_mapping_only_when_an_end_lies_inside_it(ulong start, ulong length, bool cuts)
    {
        var table = new MappingTable();
        table.TryAdd(Mapping(0x1000, 0x3000));

        Assert.Equal(cuts, table.IsCutBy(IovaRange.FromLength(start, length)));
    }

    /// <summary>Bytes allocated until then are the more: what the table holds, and the smaller indexes that it has outgrown.</summary>
    [Fact]
    public void A_million_mappings_at_random_places_take_at_most_48_bytes_each()
    {
        const int Live = 1_000_000;
        var (table, random, ram) = (new MappingTable(), new Random(1), RamBlock.FromExisting("ram", new HostAddress(1UL << 40), 1UL << 40));
        var before = GC.GetAllocatedBytesForCurrentThread();
        while (table.Count < Live)
        {
            var place = (ulong)random.NextInt64(1 << 26) << 12;
            ram.TryLease(out var lease);
            if (!table.TryAdd(new(IovaRange.FromLength(place, 0x1000), lease, place, DmaAccess.ReadWrite, MappingState.Live)))
            {
                lease.End();
            }
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 32L * Live, 48L * Live);
    }

    private LiveMapping Mapping(ulong start, ulong length)
    {
        Assert.True(_ram.TryLease(out var lease));
        return new LiveMapping(IovaRange.FromLength(start, length), lease, 0, DmaAccess.ReadWrite, MappingState.Live);
    }
}
