using FsCheck.Fluent;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.Tests.Planning;

namespace Vmm.Iommu.Tests.Properties;

/// <summary>That properties are tested at all: a wrong one fails, and the cases reach what they are for.</summary>
public class GeneratedTests
{
    [Fact]
    public void A_property_that_does_not_hold_fails_and_says_how_it_is_run_again()
    {
        var failure = Assert.Throws<InvalidOperationException>(() => Generated.Holds(Gen.Choose(0, 100), number => number < 90));

        Assert.Contains("Again with VMM_SEED=", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void As_many_different_cases_are_run_as_are_asked_for()
    {
        var cases = new List<int>();
        Generated.Holds(Gen.Choose(0, int.MaxValue), number =>
        {
            cases.Add(number);
            return true;
        }, count: 50);

        Assert.Equal(50, cases.Count);
        Assert.InRange(cases.Distinct().Count(), 45, 50);
    }

    [Fact]
    public void A_property_that_says_what_is_wrong_fails_with_its_words()
    {
        var failure = Assert.Throws<InvalidOperationException>(() => Generated.Explains(Gen.Choose(0, 100), number => number < 90 ? null : "ninety or more"));

        Assert.Contains("ninety or more", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_failing_list_is_cut_down_to_what_is_wrong_with_it()
    {
        var failure = Assert.Throws<InvalidOperationException>(() =>
            Generated.HoldsForAll(Gen.Choose(0, 100).ArrayOf(30), numbers => numbers.All(number => number < 90)));

        Assert.Contains("Shrunk:", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Ranges_reach_the_first_and_the_last_byte_of_the_space_and_lie_on_both_sides_of_each_edge()
    {
        var ranges = Generated.Sample(Ranges.Mixed(), 4_000);

        Assert.Contains(ranges, range => range.Start.Value == 0);
        Assert.Contains(ranges, range => range.Last.Value == ulong.MaxValue);
        Assert.Contains(ranges, range => range == IovaRange.FromBounds(ulong.MaxValue, ulong.MaxValue));
        Assert.All([1UL << 32, 1UL << 52, 1UL << 63], edge =>
        {
            Assert.Contains(ranges, range => range.Last.Value == edge - 1);
            Assert.Contains(ranges, range => range.Start.Value == edge);
            Assert.Contains(ranges, range => range.Start.Value < edge && range.Last.Value > edge && range.Length < 0x10000);
        });
    }

    [Fact]
    public void Changes_of_a_view_remove_add_split_and_keep_sections()
    {
        var changes = Generated.Sample(Views.Changes(), 400);

        Assert.Contains(changes, change => change.Before.Except(change.After).Any(gone => !change.After.Any(section => section.Range.Overlaps(gone.Range))));
        Assert.Contains(changes, change => change.After.Any(section => !change.Before.Any(before => before.Range.Overlaps(section.Range))));
        Assert.Contains(changes, change => change.Before.Any(section => IsSplit(section, change.After)));
        Assert.Contains(changes, change => change.Before.Intersect(change.After).Any());
        Assert.Contains(changes, change => Tables.Mapped(change.Before).Count > change.Before.Length);
    }

    private static bool IsSplit(DmaSection section, DmaSection[] after) => after.Count(part => section.Range.Contains(part.Range) && part.Access == section.Access) == 2;
}
