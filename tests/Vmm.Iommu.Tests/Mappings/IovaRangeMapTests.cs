using Vmm.Iommu.Addressing;
using Vmm.Iommu.Mappings;

namespace Vmm.Iommu.Tests.Mappings;

public class IovaRangeMapTests
{
    [Fact]
    public void The_whole_space_is_one_entry_and_leaves_room_for_none()
    {
        var map = new IovaRangeMap<string>();

        Assert.True(map.TryAdd(IovaRange.All, "all"));

        Assert.False(map.TryAdd(IovaRange.FromBounds(ulong.MaxValue, ulong.MaxValue), "top byte"));
        Assert.False(map.TryAdd(IovaRange.FromBounds(0, 0), "first byte"));
        Assert.True(map.TryFind(new Iova(ulong.MaxValue), out var range, out _));
        Assert.Equal(IovaRange.All, range);
    }

    [Fact]
    public void Ascending_entries_of_a_replay_fill_every_leaf_and_come_back_in_order()
    {
        var map = new IovaRangeMap<int>();
        for (var i = 0; i < 65_535; i++)
        {
            Assert.True(map.TryAdd(IovaRange.FromLength((ulong)i * 0x2000, 0x1000), i));
        }

        Assert.Equal(Enumerable.Range(0, 65_535), map.Select(entry => entry.Value));
        Assert.Equal(65_535, map.Count);
    }

    [Fact]
    public void Descending_removal_empties_a_large_map()
    {
        var map = new IovaRangeMap<int>();
        for (var i = 0; i < 10_000; i++)
        {
            map.TryAdd(IovaRange.FromLength((ulong)(i * 7919 % 10_000) * 0x1000, 0x1000), i);
        }

        for (var i = 9_999; i >= 0; i--)
        {
            Assert.True(map.Remove(new Iova((ulong)i * 0x1000)));
        }

        Assert.Empty(map);
        Assert.True(map.TryAdd(IovaRange.All, 1));
    }

    [Fact]
    public void A_change_while_entries_are_read_is_refused_loudly()
    {
        var map = new IovaRangeMap<int>();
        map.TryAdd(IovaRange.FromLength(0, 0x1000), 1);
        var reader = map.GetEnumerator();
        map.TryAdd(IovaRange.FromLength(0x1000, 0x1000), 2);

        Assert.Throws<InvalidOperationException>(() => reader.MoveNext());
    }

    [Fact]
    public void A_lookup_and_a_pair_of_add_and_remove_allocate_nothing()
    {
        var map = new IovaRangeMap<long>();
        for (var i = 0; i < 1_000; i++)
        {
            map.TryAdd(IovaRange.FromLength((ulong)i * 0x2000, 0x1000), i);
        }

        // The first add in between splits a full leaf; from then on there is room.
        map.TryAdd(IovaRange.FromLength(0x1000, 0x1000), 0);
        map.Remove(new Iova(0x1000));
        var before = GC.GetAllocatedBytesForCurrentThread();
        var seen = 0L;
        for (var i = 0; i < 1_000; i++)
        {
            map.TryAdd(IovaRange.FromLength(0x1000, 0x1000), i);
            map.Remove(new Iova(0x1000));
            foreach (var (_, value) in map.Overlapping(IovaRange.FromLength(0x1000, 0x8000)))
            {
                seen += value;
            }
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.True(seen > 0);
    }
}
