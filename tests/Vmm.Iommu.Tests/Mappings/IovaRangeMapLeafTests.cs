using FsCheck.Fluent;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.Mappings;
using Vmm.Iommu.Tests.Properties;

namespace Vmm.Iommu.Tests.Mappings;

/// <summary>How entries lie in leaves: whatever comes and goes, mostly full, found by the index, and without garbage.</summary>
public class IovaRangeMapLeafTests
{
    private const ulong Page = 0x1000;
    private const int Capacity = IovaRangeMap<int>.LeafCapacity;

    [Fact]
    public void Growing_moving_on_and_shrinking_maps_agree_with_a_sorted_list() =>
        Generated.Holds(Gen.Choose(0, int.MaxValue), AgreesWithASortedList, count: 12);

    [Theory]
    [InlineData("ascending", 0.95)]
    [InlineData("descending", 0.9)]
    [InlineData("random", 0.75)]
    [InlineData("ascending below an entry at the top", 0.9)]
    [InlineData("two ascending rows in turn", 0.9)]
    public void Leaves_are_mostly_full_in_whatever_order_entries_come(string order, double share)
    {
        var map = new IovaRangeMap<int>();
        foreach (var page in Pages(order, 20_000))
        {
            Assert.True(map.TryAdd(IovaRange.FromLength(page * Page, Page), 0));
        }

        Assert.True(LeafShape.IsSound(map));
        Assert.True(map.Count >= share * map.LeafCount * Capacity, $"{map.Count} entries in {map.LeafCount} leaves");
    }

    [Fact]
    public void Leaves_stay_two_thirds_full_while_random_entries_replace_each_other()
    {
        var (map, random) = (new IovaRangeMap<int>(), new Random(5));
        var pages = Pages("random", 20_000).ToArray();
        foreach (var page in pages)
        {
            map.TryAdd(IovaRange.FromLength(page * Page, Page), 0);
        }

        for (var step = 0; step < 100_000; step++)
        {
            ref var page = ref pages[random.Next(pages.Length)];
            Assert.True(map.Remove(new Iova(page * Page)));
            do
            {
                page = (ulong)random.NextInt64(1 << 24);
            }
            while (!map.TryAdd(IovaRange.FromLength(page * Page, Page), step));
        }

        Assert.True(LeafShape.IsSound(map));
        Assert.True(3 * map.Count >= 2 * map.LeafCount * Capacity, $"{map.Count} entries in {map.LeafCount} leaves");
    }

    [Fact]
    public void Entries_that_move_on_through_the_space_allocate_nothing()
    {
        var map = new IovaRangeMap<int>();
        for (var page = 0UL; page < 1_000; page++)
        {
            map.TryAdd(IovaRange.FromLength(page * Page, Page), 0);
        }

        // The first leaf to be given up is the first that can be taken again.
        MoveOn(map, 0, 2 * Capacity);
        var before = GC.GetAllocatedBytesForCurrentThread();
        MoveOn(map, 2 * Capacity, 10_000);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(1_000, map.Count);
    }

    [Fact]
    public void A_pair_in_an_empty_map_allocates_nothing_the_second_time()
    {
        var map = new IovaRangeMap<long>();
        map.TryAdd(IovaRange.All, 1);
        map.Remove(new Iova(0));
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var pair = 0; pair < 100; pair++)
        {
            map.TryAdd(IovaRange.FromLength((ulong)pair * Page, Page), pair);
            map.Remove(new Iova((ulong)pair * Page));
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Pairs_at_random_places_of_a_settled_map_split_nothing_twice()
    {
        var (map, random) = (new IovaRangeMap<long>(), new Random(7));
        foreach (var page in Pages("random", 20_000))
        {
            map.TryAdd(IovaRange.FromLength(page * Page, Page), 0);
        }

        var allocated = Enumerable.Range(0, 6).Select(_ => PairsAt(map, random, 40_000)).ToList();

        // Full leaves share or split the first time that somebody comes their way; what was split is not joined again.
        Assert.True(allocated[^1] == 0, string.Join(", ", allocated));
    }

    private static long PairsAt(IovaRangeMap<long> map, Random random, int pairs)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var pair = 0; pair < pairs; pair++)
        {
            var range = IovaRange.FromLength((ulong)random.NextInt64(1 << 24) * Page, Page);
            if (map.TryAdd(range, pair))
            {
                map.Remove(range.Start);
            }
        }

        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static void MoveOn(IovaRangeMap<int> map, int from, int to)
    {
        for (var page = (ulong)from; page < (ulong)to; page++)
        {
            map.Remove(new Iova(page * Page));
            map.TryAdd(IovaRange.FromLength((page + 1_000) * Page, Page), 0);
        }
    }

    private static IEnumerable<ulong> Pages(string order, int count)
    {
        var random = new Random(3);
        return order switch
        {
            "ascending" => Enumerable.Range(0, count).Select(at => (ulong)at),
            "descending" => Enumerable.Range(0, count).Select(at => (ulong)(count - at)),
            "random" => Enumerable.Range(0, 2 * count).Select(_ => (ulong)random.NextInt64(1 << 24)).Distinct().Take(count),
            "two ascending rows in turn" => Enumerable.Range(0, count).Select(at => (ulong)((at / 2) + (at % 2 * (1 << 24)))),
            _ => Enumerable.Range(0, count).Select(at => at == 0 ? 1UL << 30 : (ulong)at),
        };
    }

    /// <summary>Phases, each of which leans one way: to add or to remove, low or high, near the last place or anywhere.</summary>
    private static bool AgreesWithASortedList(int seed)
    {
        var (map, model, random) = (new IovaRangeMap<int>(), new SortedList<ulong, int>(), new Random(seed));
        for (var phase = 0; phase < 12; phase++)
        {
            var (adds, stride, place) = (random.Next(1, 10), random.Next(-2, 3), (ulong)random.Next(1 << 12));
            for (var step = 0; step < 400; step++)
            {
                place = stride == 0 ? (ulong)random.Next(1 << 12) : (place + (ulong)stride) % (1 << 12);
                var isAdd = random.Next(10) < adds;
                if (isAdd ? map.TryAdd(IovaRange.FromLength(place * Page, Page), step) != model.TryAdd(place, step) : map.Remove(new Iova(place * Page)) != model.Remove(place))
                {
                    return false;
                }

                if (!LeafShape.IsSound(map))
                {
                    return false;
                }
            }

            if (!map.Select(entry => (entry.Key.Start.Value / Page, entry.Value)).SequenceEqual(model.Select(entry => (entry.Key, entry.Value))))
            {
                return false;
            }
        }

        return true;
    }
}
