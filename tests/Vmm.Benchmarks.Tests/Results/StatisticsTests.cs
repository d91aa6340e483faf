using Vmm.Benchmarks.Results;

namespace Vmm.Benchmarks.Tests.Results;

public class StatisticsTests
{
    [Theory]
    [InlineData(new[] { 7.0 }, 7)]
    [InlineData(new[] { 9.0, 1, 5 }, 5)]
    [InlineData(new[] { 4.0, 1, 3, 100 }, 3.5)]
    public void The_median_is_the_middle_one_or_the_mean_of_two(double[] values, double median) => Assert.Equal(median, Statistics.Median(values));

    [Theory]
    [InlineData(0, 1)]
    [InlineData(5, 1)]
    [InlineData(50, 10)]
    [InlineData(95, 19)]
    [InlineData(95.1, 20)]
    [InlineData(99.9, 20)]
    [InlineData(100, 20)]
    public void A_percentile_is_the_least_value_that_so_many_do_not_exceed(double percent, double value) =>
        Assert.Equal(value, Statistics.Percentile(Enumerable.Range(1, 20).Reverse().Select(number => (double)number), percent));

    [Fact]
    public void Of_nothing_there_is_no_middle()
    {
        Assert.Throws<ArgumentException>(() => Statistics.Median([]));
        Assert.Throws<ArgumentException>(() => Statistics.Percentile([], 50));
    }

    [Fact]
    public void Ratios_are_taken_block_by_block() => Assert.Equal([2, 0.5], Statistics.Ratios([10, 10], [5, 20]));

    [Theory]
    [InlineData(1, 0.8, 1.1, 1.25)]
    [InlineData(1, 0.95, 1.3, 1.3)]
    [InlineData(1.2, 1.1, 1.3, 1.3)]
    [InlineData(1, 1, 1, 1)]
    public void The_noise_of_a_control_is_how_far_it_goes_from_one_either_way(double median, double low, double high, double factor) =>
        Assert.Equal(factor, new Spread(median, low, high).FactorFromOne, 9);

    [Theory]
    [InlineData(2.0, null, 2.0, true)]
    [InlineData(2.0, null, 2.1, false)]
    [InlineData(null, 50.0, 50.0, true)]
    [InlineData(null, 50.0, 49.0, false)]
    [InlineData(2.0, null, double.NaN, false)]
    [InlineData(null, null, 1.0, null)]
    public void An_aim_holds_up_to_its_limit(double? most, double? least, double value, bool? holds) =>
        Assert.Equal(holds, new Aim("", most, least).HoldsFor(value));
}
