using FsCheck;
using FsCheck.Fluent;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.Tests.Properties;

namespace Vmm.Iommu.Tests.Addressing;

public class IovaRangePropertyTests
{
    private static readonly Gen<(IovaRange Left, IovaRange Right)> Pairs =
        from left in Ranges.Mixed()
        from right in Ranges.Mixed()
        select (left, right);

    [Fact]
    public void Two_ranges_stand_to_each_other_as_numbers_of_128_bits_do() => Generated.Holds(Pairs, pair =>
    {
        var ((start, end), (otherStart, otherEnd)) = (Wide(pair.Left), Wide(pair.Right));
        var (from, to) = (UInt128.Max(start, otherStart), UInt128.Min(end, otherEnd));
        return pair.Left.Length == end - start
            && pair.Left.Overlaps(pair.Right) == from < to
            && pair.Left.TryIntersect(pair.Right, out var shared) == from < to
            && (from >= to || Wide(shared) == (from, to))
            && pair.Left.Contains(pair.Right) == (start <= otherStart && otherEnd <= end)
            && pair.Left.IsFollowedBy(pair.Right) == (end == otherStart);
    }, count: 3_000);

    [Fact]
    public void Ranges_sort_by_start_and_then_by_last() => Generated.Holds(Pairs, pair =>
    {
        var order = Wide(pair.Left).CompareTo(Wide(pair.Right));
        return Math.Sign(pair.Left.CompareTo(pair.Right)) == Math.Sign(order)
            && pair.Left < pair.Right == order < 0
            && pair.Left > pair.Right == order > 0
            && pair.Left <= pair.Right == order <= 0
            && pair.Left >= pair.Right == order >= 0
            && (pair.Left == pair.Right) == (order == 0);
    }, count: 3_000);

    [Fact]
    public void A_range_holds_the_bytes_between_its_ends_and_no_other() => Generated.Holds(
        from range in Ranges.Mixed() from point in Ranges.Address(12, 1) select (range, point),
        input => input.range.Contains(new Iova(input.point)) == (Wide(input.range).Start <= input.point && input.point < Wide(input.range).End),
        count: 3_000);

    [Fact]
    public void A_length_makes_a_range_exactly_when_it_does_not_end_past_the_space() => Generated.Holds(
        from start in Ranges.Address(6, 1) from length in Ranges.Address(6, 1) select (start, length),
        input =>
        {
            var fits = input.length != 0 && (UInt128)input.start + input.length <= UInt128.One << 64;
            return IovaRange.TryFromLength(input.start, input.length, out var range) == fits
                && (!fits || Wide(range) == (input.start, (UInt128)input.start + input.length))
                && fits != Throws(() => IovaRange.FromLength(input.start, input.length));
        },
        count: 3_000);

    [Fact]
    public void Ends_make_a_range_exactly_when_the_last_is_not_below_the_first() => Generated.Holds(
        from start in Ranges.Address(6, 1) from last in Ranges.Address(6, 1) select (start, last),
        input => Throws(() => IovaRange.FromBounds(input.start, input.last)) == input.last < input.start);

    private static (UInt128 Start, UInt128 End) Wide(IovaRange range) => (range.Start.Value, (UInt128)range.Last.Value + 1);

    private static bool Throws(Func<IovaRange> make)
    {
        try
        {
            make();
            return false;
        }
        catch (ArgumentException)
        {
            return true;
        }
    }
}
