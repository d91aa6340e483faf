using Vmm.Benchmarks.Measuring;
using Vmm.Benchmarks.Results;

namespace Vmm.Benchmarks.Tests.Measuring;

public class RunTests
{
    [Fact]
    public void Bodies_take_turns_in_an_order_that_turns_and_the_first_comes_twice()
    {
        var order = new List<char>();
        new Run(IsQuick: true) { Blocks = 3 }.Alternate(new Shape(1, () => order.Add('a')), new Shape(1, () => order.Add('b')));

        // One block to warm up; of three in each, the third is the first once more.
        Assert.Equal("aba baa aab aba", string.Join(' ', order.Chunk(3).Select(block => new string(block))));
    }

    [Fact]
    public void What_is_done_around_a_block_is_not_part_of_it()
    {
        var steps = new List<string>();
        var measured = new Run(IsQuick: true) { Blocks = 1, WarmUps = 0 }.Alternate(new Shape(1, () => steps.Add("work"))
        {
            Before = () => steps.Add(new string('x', 1 << 20)),
            After = () => steps.Add(new string('x', 1 << 20)),
        });

        Assert.Equal(["work", "work"], steps.Where(step => step.Length == 4));
        Assert.Equal(6, steps.Count);
        Assert.True(measured[0].Bytes < 1 << 20);
    }

    [Fact]
    public void Times_ratios_and_differences_are_those_of_the_medians()
    {
        var times = new Queue<double>([1_000, 6_000, 1_100, 9_000, 1_000, 3_000, 2_000, 1_000, 4_000]);
        var measured = new Run(IsQuick: false) { Blocks = 3, WarmUps = 0 }.Alternate(By(times, 10), By(times, 10));

        // In turn: a b a', b a' a, a' a b.
        Assert.Equal([100, 300, 100], measured[0].Times);
        Assert.Equal([600, 900, 400], measured[1].Times);
        Assert.Equal(100, measured.Time(0, "a", Aim.None).Value);
        Assert.Equal(6, measured.Ratio(1, 0, "b / a", Aim.AtMost(6, "<= 6×")).Value);
        Assert.True(measured.Ratio(1, 0, "b / a", Aim.AtMost(6, "<= 6×")).Holds);
        Assert.False(measured.Difference(1, 0, "b - a", Aim.AtMost(499, "< 500 ns")).Holds);
        Assert.Equal([1.1, 1.0 / 3, 2], Statistics.Ratios([110, 100, 200], measured[0].Times));
        Assert.Equal(new Spread(1.1, 1.0 / 3, 2), measured.Control);
    }

    [Fact]
    public void What_is_allocated_is_counted_for_an_operation()
    {
        var kept = new List<byte[]>();
        var measured = new Run(IsQuick: true) { Blocks = 2 }.Alternate(new Shape(4, () => kept.AddRange(Enumerable.Range(0, 4).Select(_ => new byte[10_000]))));
        Assert.InRange(measured.Time(0, "x", Aim.None).Bytes, 10_000, 15_000);
        Assert.Equal(GC.MaxGeneration + 1, measured.Time(0, "x", Aim.None).Collections.Count);
    }

    [Fact]
    public void A_row_gives_its_figures_names_of_their_own()
    {
        var row = new Row("mappings/memory", _ => [Figure.Counted("a mapping", "bytes", 40, Aim.None)]);
        Assert.Equal("mappings/memory: a mapping", Assert.Single(row.Figures(new Run(IsQuick: true))).Name);
        Assert.Equal("mappings", row.Group);
    }

    private static Shape By(Queue<double> times, int operations)
    {
        var last = 0.0;
        return new Shape(operations, () => last = times.Dequeue()) { Clock = () => last };
    }
}
