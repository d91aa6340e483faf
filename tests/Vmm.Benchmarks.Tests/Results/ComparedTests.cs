using Vmm.Benchmarks.Results;

namespace Vmm.Benchmarks.Tests.Results;

public class ComparedTests
{
    [Theory]
    [InlineData(100, nameof(Verdict.Same))]
    [InlineData(109, nameof(Verdict.Same))]
    [InlineData(111, nameof(Verdict.Worse))]
    [InlineData(92, nameof(Verdict.Same))]
    [InlineData(90, nameof(Verdict.Better))]
    public void A_time_is_worse_only_beyond_the_noise_of_the_controls(double after, string verdict) =>
        Assert.Equal(verdict, Only(Sample.Timed("x"), Sample.Timed("x", after)).Verdict.ToString());

    [Fact]
    public void The_noisier_of_two_runs_says_what_noise_is()
    {
        Assert.Equal(Verdict.Same, Only(Sample.Timed("x", noise: 1.5), Sample.Timed("x", 140)).Verdict);
        Assert.Equal(Verdict.Same, Only(Sample.Timed("x"), Sample.Timed("x", 140, noise: 1.5)).Verdict);
    }

    [Fact]
    public void Where_more_is_better_less_is_worse()
    {
        var before = Sample.Timed("x") with { Aim = Aim.AtLeast(50, ">= 50") };
        Assert.Equal(Verdict.Worse, Only(before, before with { Value = 80 }).Verdict);
        Assert.Equal(Verdict.Better, Only(before, before with { Value = 120 }).Verdict);
        var rate = Sample.Timed("x") with { Unit = "maps/s" };
        Assert.Equal(Verdict.Worse, Only(rate, rate with { Value = 80 }).Verdict);
    }

    [Fact]
    public void A_number_that_was_counted_has_no_noise()
    {
        var before = Figure.Counted("x", "bytes", 40, Aim.AtMost(48, "<= 48"));
        Assert.Equal(Verdict.Same, Only(before, before).Verdict);
        Assert.Equal(Verdict.Worse, Only(before, Figure.Counted("x", "bytes", 41, before.Aim)).Verdict);
    }

    [Fact]
    public void Zero_stays_zero_or_is_worse()
    {
        var before = Figure.Counted("x", "calls", 0, Aim.None);
        Assert.Equal(1, Only(before, before).Ratio);
        Assert.Equal(Verdict.Worse, Only(before, Figure.Counted("x", "calls", 1, Aim.None)).Verdict);
        Assert.Equal(Verdict.Better, Only(Figure.Counted("x", "calls", 1, Aim.None), before).Verdict);
    }

    [Theory]
    [InlineData(0, 0.5, nameof(Verdict.Same))]
    [InlineData(0, 24, nameof(Verdict.AllocatesMore))]
    [InlineData(144, 150, nameof(Verdict.Same))]
    [InlineData(144, 200, nameof(Verdict.AllocatesMore))]
    public void What_is_as_fast_and_allocates_more_is_said(double before, double after, string verdict) =>
        Assert.Equal(verdict, Only(Sample.Timed("x", bytes: before), Sample.Timed("x", bytes: after)).Verdict.ToString());

    [Fact]
    public void Figures_of_one_file_alone_are_new_or_gone()
    {
        var all = Compared.All(Sample.File(Sample.Timed("old"), Sample.Timed("both")), Sample.File(Sample.Timed("both"), Sample.Timed("young")));
        Assert.Equal([("both", Verdict.Same), ("young", Verdict.New), ("old", Verdict.Gone)], all.Select(row => (row.Name, row.Verdict)));
    }

    [Fact]
    public void The_table_ends_with_what_became_worse()
    {
        var output = new StringWriter();
        Tables.Print(output, Sample.File(Sample.Timed("a"), Sample.Timed("b")), Sample.File(Sample.Timed("a", 300), Sample.Timed("b")));
        var lines = output.ToString().TrimEnd().Split('\n');
        Assert.Contains("100.0 ns", lines[1], StringComparison.Ordinal);
        Assert.EndsWith("WORSE", lines[1].TrimEnd(), StringComparison.Ordinal);
        Assert.Equal("worse by more than the noise: a", lines[^1].TrimEnd());
    }

    [Fact]
    public void Runs_of_two_machines_or_of_a_look_are_said_to_be_such()
    {
        var file = Sample.File(Sample.Timed("a"));
        var output = new StringWriter();
        Tables.Print(output, file, file with { Machine = Sample.Machine with { Cores = 64 }, IsQuick = true });
        Assert.Contains("the machines differ", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("a quick run", output.ToString(), StringComparison.Ordinal);
        Assert.EndsWith("nothing is worse by more than the noise", output.ToString().TrimEnd(), StringComparison.Ordinal);
    }

    private static Compared Only(Figure before, Figure after) => Assert.Single(Compared.All(Sample.File(before), Sample.File(after)));
}
