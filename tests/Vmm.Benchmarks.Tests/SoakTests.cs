using Vmm.Benchmarks.Soaking;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.HotPath;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Results;

namespace Vmm.Benchmarks.Tests;

public class SoakTests
{
    private const int Steps = 400;

    public static TheoryData<string> Backends => [nameof(SoakBackend.Type1), nameof(SoakBackend.Iommufd)];

    [Theory]
    [MemberData(nameof(Backends))]
    public void Some_steps_end_with_kernel_tables_and_leases_equal_and_nothing_open(string backend)
    {
        using var run = new SoakRun(Enum.Parse<SoakBackend>(backend), seed: 3, Steps);
        run.Start();
        run.Play(TimeSpan.FromMinutes(1));
        run.Check();
        Assert.True(run.Tally.Answers > Steps);
        run.Close();
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public async Task A_lease_of_no_mapping_is_found(string backend)
    {
        await using var checkedOne = new Checked(backend);
        checkedOne.Check.Compare();
        Assert.True(checkedOne.Memory.Ram.TryLease(out _));
        var violation = Assert.Throws<SoakViolationException>(checkedOne.Check.Compare);
        Assert.StartsWith("ram has 2 leases", violation.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public async Task A_mapping_that_only_the_kernel_has_is_found(string backend)
    {
        await using var checkedOne = new Checked(backend);
        checkedOne.Container.MapBehindTheRing(SoakPlaces.At(9, 1), checkedOne.Memory.Ram, 0);
        Assert.Throws<SoakViolationException>(checkedOne.Check.Compare);
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public async Task A_mapping_that_the_kernel_has_lost_is_found(string backend)
    {
        await using var checkedOne = new Checked(backend);
        checkedOne.Container.UnmapBehindTheRing(checkedOne.Place);
        var violation = Assert.Throws<SoakViolationException>(checkedOne.Check.Compare);
        Assert.Contains("soak-1", violation.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public async Task Other_memory_behind_a_mapping_is_found(string backend)
    {
        await using var checkedOne = new Checked(backend);
        checkedOne.Container.UnmapBehindTheRing(checkedOne.Place);
        checkedOne.Container.MapBehindTheRing(checkedOne.Place, checkedOne.Memory.Ram, SoakPlaces.Page);
        var violation = Assert.Throws<SoakViolationException>(checkedOne.Check.Compare);
        Assert.Contains("at page 7", violation.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_call_in_a_thousand_fails_and_limits_are_met_before_their_effect()
    {
        var faults = Enumerable.Range(1, 1_000_000).Select(call => SoakFaults.FaultOf(seed: 1, call)).Where(fault => !fault.Errno.IsNone).ToList();
        Assert.InRange(faults.Count, 800, 1200);
        Assert.Contains(faults, fault => !fault.IsBefore);
        Assert.All(faults, fault => Assert.True(fault.IsBefore || fault.Errno != Errno.ENOSPC));
    }

    [Fact]
    public void A_thread_that_does_not_come_is_a_hang_and_one_that_left_is_none()
    {
        var gate = new SoakGate(threads: 1);
        Assert.False(gate.TryHold(TimeSpan.Zero));
        gate.Leave();
        Assert.True(gate.TryHold(TimeSpan.Zero));
    }

    [Fact]
    public void Neighbouring_blocks_are_one_window()
    {
        var windows = SoakPlaces.WindowsOf(0b1011);
        Assert.Equal(2, windows.Count);
        Assert.Equal((UInt128)(2 * SoakPlaces.PagesOfBlock * SoakPlaces.Page), windows[0].Length);
    }

    [Theory]
    [InlineData(0, 0, 0, 0, null)]
    [InlineData(9 << 20, 0, 0, 0, "managed bytes grew from")]
    [InlineData(0, 65 << 20, 0, 0, "working set grew from")]
    [InlineData(0, 0, 9, 0, "threads grew from")]
    [InlineData(0, 0, 0, 17, "descriptors grew from")]
    public void What_grows_by_more_than_the_margin_is_named(long managed, long workingSet, int threads, int descriptors, string? begins)
    {
        var low = new SoakReading(1 << 20, 80 << 20, 14, 60);
        var last = new SoakReading(low.Managed + managed, low.WorkingSet + workingSet, low.Threads + threads, low.Descriptors + descriptors);
        var growth = SoakReading.Growth([default, low, low, last]);
        Assert.Equal(begins is null, growth is null);
        Assert.StartsWith(begins ?? "", growth ?? "", StringComparison.Ordinal);
    }

    /// <summary>A container with one page mapped by the ring.</summary>
    private sealed class Checked : IAsyncDisposable
    {
        private readonly SoakMachine _machine;

        public Checked(string backend)
        {
            _machine = new SoakMachine(Enum.Parse<SoakBackend>(backend), seed: 1);
            Memory = new SoakMemory(_machine.Kernel, new DmaMapper());
            Assert.True(_machine.TryOpenContainer(1, new ValidIovaRanges([]), out var container));
            Container = container;
            Check = new SoakCheck(_machine.Kernel, Memory, [container]);
            Assert.Equal(MapResult.Ok, container.Ask(turn => turn.Map(Place, Memory.Ram, 0, DmaAccess.ReadWrite)));
        }

        public SoakMemory Memory { get; }

        public SoakContainer Container { get; }

        public SoakCheck Check { get; }

        public IovaRange Place { get; } = SoakPlaces.At(7, 1);

        public async ValueTask DisposeAsync()
        {
            await Container.Ring.DisposeAsync();
            _machine.Dispose();
        }
    }
}
