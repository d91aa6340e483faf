using FsCheck;
using FsCheck.Fluent;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.Mappings;
using Vmm.Iommu.Tests.Properties;

namespace Vmm.Iommu.Tests.Mappings;

public class IovaRangeMapPropertyTests
{
    private enum Act
    {
        Add,
        AddAgain,
        Remove,
        Replace,
        Find,
        Overlapping,
        Cut,
    }

    [Fact]
    public void The_map_behaves_as_a_plain_list_near_every_edge() =>
        Generated.HoldsForAll(Steps(Ranges.Pages(24, 6), most: 120), Agrees, count: 400);

    [Fact]
    public void The_map_behaves_as_a_plain_list_over_many_leaves() =>
        Generated.HoldsForAll(Steps(Ranges.Pages(600, 2), most: 1_500), Agrees, count: 8);

    [Fact]
    public void The_map_behaves_as_a_plain_list_of_single_bytes_and_of_half_the_space() =>
        Generated.HoldsForAll(Steps(Ranges.Mixed(), most: 80), Agrees, count: 600);

    private static Gen<(Act Act, IovaRange Range)[]> Steps(Gen<IovaRange> ranges, int most) =>
        from count in Gen.Choose(0, most)
        from steps in (from act in Gen.Elements(Enum.GetValues<Act>())
                       from range in ranges
                       select (act, range)).ArrayOf(count)
        select steps;

    private static bool Agrees((Act Act, IovaRange Range)[] steps)
    {
        var map = new IovaRangeMap<int>();
        var model = new List<KeyValuePair<IovaRange, int>>();
        for (var value = 0; value < steps.Length; value++)
        {
            if (!StepAgrees(map, model, steps[value].Act, steps[value].Range, value) || map.Count != model.Count || !LeafShape.IsSound(map))
            {
                return false;
            }
        }

        model.Sort((left, right) => left.Key.CompareTo(right.Key));
        return map.SequenceEqual(model);
    }

    private static bool StepAgrees(IovaRangeMap<int> map, List<KeyValuePair<IovaRange, int>> model, Act act, IovaRange range, int value)
    {
        switch (act)
        {
            case Act.Add or Act.AddAgain:
                var free = !model.Exists(entry => entry.Key.Overlaps(range));
                if (free)
                {
                    model.Add(new(range, value));
                }

                return map.TryAdd(range, value) == free;
            case Act.Remove:
                var at = model.FindIndex(entry => entry.Key.Contains(range.Start));
                var start = at < 0 ? range.Start : model[at].Key.Start;
                var expected = at < 0 ? default : model[at];
                if (at >= 0)
                {
                    model.RemoveAt(at);
                }

                return map.Remove(start, out var removed, out var old) == at >= 0 && removed == expected.Key && old == expected.Value;
            case Act.Replace:
                var index = model.FindIndex(entry => entry.Key.Start == range.Start);
                if (index >= 0)
                {
                    model[index] = new(model[index].Key, value);
                }

                return map.TryReplace(range.Start, value) == index >= 0;
            case Act.Find:
                var holder = model.Find(entry => entry.Key.Contains(range.Start));
                return map.TryFind(range.Start, out var found, out var content) == model.Exists(entry => entry.Key.Contains(range.Start))
                    && found == holder.Key && content == holder.Value;
            case Act.Overlapping:
                var hits = model.Where(entry => entry.Key.Overlaps(range)).OrderBy(entry => entry.Key).ToList();
                var asked = new List<KeyValuePair<IovaRange, int>>();
                foreach (var entry in map.Overlapping(range))
                {
                    asked.Add(entry);
                }

                return asked.SequenceEqual(hits)
                    && map.Overlaps(range) == hits.Count > 0
                    && map.TryFirstOverlap(range, out var first, out _) == hits.Count > 0
                    && (hits.Count == 0 || first == hits[0].Key);
            default:
                return map.IsCutBy(range) == model.Exists(entry => entry.Key.Overlaps(range) && !range.Contains(entry.Key));
        }
    }
}
