using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;
using Vmm.Lab.Histories;
using Vmm.Lab.Machine;
using Vmm.Lab.Running;
using Vmm.Lab.Verbs;

namespace Vmm.Lab.Tests.Running;

public sealed class HistoryRunnerTests : IDisposable
{
    private readonly Arena _arena = new();
    private readonly List<HistoryRunner> _runners = [];

    public static TheoryData<string> Backends => [.. Enum.GetNames<Backend>()];

    public void Dispose()
    {
        _runners.ForEach(runner => runner.Dispose());
        _arena.Dispose();
    }

    [Theory]
    [MemberData(nameof(Backends))]
    [Trait("Requirement", "RX.1")]
    public void Two_equal_kernels_answer_alike_and_leave_nothing(string backend)
    {
        var runner = Runner(kernel => kernel);
        for (var number = 0; number < 25; number++)
        {
            Assert.Null(runner.Run(Author(number, Enum.Parse<Backend>(backend))));
        }

        Assert.True(runner.Operations > 1000);
    }

    [Theory]
    [InlineData(nameof(Backend.Type1), "map unmap dirty info set-container unset-container set-iommu get-device set-irqs map-bar status")]
    [InlineData(nameof(Backend.Iommufd), "bind attach ioas-alloc ioas-map ioas-unmap ioas-copy ioas-map-file ioas-ranges ioas-allow option hwpt-alloc hw-info destroy vfio-ioas change-process set-container device-info map-bar")]
    public void Histories_reach_success_and_refusal_of_every_operation(string backend, string names)
    {
        ArgumentNullException.ThrowIfNull(names);
        var runner = Runner(kernel => kernel);
        var seen = new Dictionary<string, HashSet<bool>>();
        for (var number = 0; number < 60; number++)
        {
            runner.Run(Author(number, Enum.Parse<Backend>(backend)), (operation, first, _) => Add(seen, operation.Name, first.Errno.IsNone));
        }

        Assert.All(names.Split(' '), name => Assert.Equal(2, seen[name].Count));
    }

    [Fact]
    public void Maps_succeed_refuse_and_overlap_near_every_edge()
    {
        var runner = Runner(kernel => kernel);
        var tally = new DiffTally();
        for (var number = 0; number < 150; number++)
        {
            runner.Run(Author(number, Backend.Type1), (operation, first, _) => tally.Add(operation, first));
        }

        Assert.All(["0", "2^32", "2^48", "2^64"], edge => Assert.Contains($"map near {edge}", tally.Rows.Keys));
        Assert.All(["ok", "EEXIST", "EINVAL", "EFAULT", "EOVERFLOW", "ENOSPC", "ENOENT"], answer => Assert.Contains(answer, tally.Rows["map"].Keys));
        Assert.True(tally.Rows["map"]["ok"] * 6 > tally.Rows["map"].Values.Sum());
        Assert.Contains("map misaligned", DiffTally.ToText(tally.Rows), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 0, 0x1000)]
    [InlineData(1, 0xffff_ffff_ffff_f000, 0x1000)]
    [InlineData(1, 0xf_f000, 0x2000)]
    [InlineData(Side.FirstBar, 0, 0x4000)]
    [InlineData(Side.FirstBar, 0x4000, 0x1000)]
    [InlineData(Side.FirstBar, 0x3000, 0x2000)]
    [InlineData(Side.FirstBar + 1, 0, 0x1000)]
    public void No_address_that_a_history_names_is_the_runtimes_own(ulong memory, ulong offset, ulong size)
    {
        using var bench = new EmulatedBench(_arena, SampleMachine.Build, SampleMachine.Shape, kernel => kernel);
        var side = bench.First;
        foreach (var line in (string[])["open on=container:0", "open on=group:0", "set-container on=group:0 with=container:0", "set-iommu on=container:0 value=3", "get-device on=group:0 with=device:0", "map-bar on=device:0 slot=0 length=0x4000 protection=3"])
        {
            Assert.True(OperationTable.Run(side, Operation.Parse(line)).Errno.IsNone, line);
        }

        var address = side.Address(memory, offset, size);
        var block = _arena.Blocks[1];
        var bar = side.Address(Side.FirstBar, 0, 0);
        Assert.True(
            (address >= block.Address && address < block.Address + block.Length)
            || (address >= bar && address + size <= bar + 0x4000)
            || address < 0x2000);
        side.Release();
    }

    [Fact]
    public void A_device_mapped_into_its_own_iommufd_is_let_go_with_the_history()
    {
        var runner = Runner(kernel => kernel);
        var history = History.Parse(
            """
            open on=iommu:0
            ioas-alloc on=iommu:0 size=12
            open on=device:0 index=0
            bind on=device:0 with=iommu:0 argsz=16
            ioas-map-file on=iommu:0 size=40 flags=7 ioas=1 with=device:0 length=0x1000 iova=0x10000
            close on=device:0
            close on=iommu:0
            """);
        Assert.Null(runner.Run(history));
    }

    [Fact]
    public void A_planted_errno_is_found_and_shrunk_to_the_calls_it_needs()
    {
        var runner = Runner(PlantedKernel.Around((code, answer) =>
            code == VfioUapi.IommuMapDma && answer.Errno == Errno.EEXIST ? Errno.EINVAL : answer));

        var (history, difference) = FindAndShrink(runner);

        Assert.Equal(
            ["open", "open", "set-container", "set-iommu", "map", "map"],
            history.Operations.Select(operation => operation.Name));
        Assert.Equal(5, difference.At);
        Assert.StartsWith("EEXIST", difference.First, StringComparison.Ordinal);
        Assert.StartsWith("EINVAL", difference.Second, StringComparison.Ordinal);
        Assert.Equal(0UL, history.Operations[4]["offset"]);
    }

    [Fact]
    public void A_planted_value_is_found_and_shrunk()
    {
        var runner = Runner(PlantedKernel.Around((code, answer) =>
            code == VfioUapi.GroupGetDeviceFd && answer.IsOk ? Errno.EBUSY : answer));

        var (history, _) = FindAndShrink(runner);

        Assert.Equal(["open", "open", "set-container", "set-iommu", "get-device"], history.Operations.Select(operation => operation.Name));
    }

    [Fact]
    public void A_shrunk_history_shows_the_same_when_it_is_read_again()
    {
        var runner = Runner(PlantedKernel.Around((code, answer) =>
            code == VfioUapi.IommuUnmapDma && answer.Errno == Errno.EINVAL ? Errno.ENOENT : answer));
        var (history, difference) = FindAndShrink(runner);

        var again = runner.Run(History.Parse(history.ToText("again")))!;
        Assert.Equal((difference.At, difference.First, difference.Second), (again.At, again.First, again.Second));
    }

    [Fact]
    public void A_model_that_throws_differs_from_one_that_answers()
    {
        var runner = Runner(PlantedKernel.Around((code, answer) =>
            code == VfioUapi.IommuMapDma && answer.IsOk ? throw new InvalidOperationException("planted") : answer));

        var (_, difference) = FindAndShrink(runner);

        Assert.Contains("planted", difference.Second, StringComparison.Ordinal);
    }

    private static void Add(Dictionary<string, HashSet<bool>> seen, string name, bool isOk)
    {
        if (!seen.TryGetValue(name, out var outcomes))
        {
            seen[name] = outcomes = [];
        }

        outcomes.Add(isOk);
    }

    private static HistoryAuthor Author(int number, Backend backend) => new HistoryAuthor(11, number, backend, SampleMachine.Shape, 100);

    private static (History History, Difference Difference) FindAndShrink(HistoryRunner runner)
    {
        for (var number = 0; number < 200; number++)
        {
            var author = Author(number, Backend.Type1);
            if (runner.Run(author) is { } difference)
            {
                return new Shrinker(runner).Shrink(author.Written, difference);
            }
        }

        throw new InvalidOperationException("The planted difference was not found.");
    }

    private HistoryRunner Runner(Func<HostKernel, HostKernel> decorate)
    {
        var runner = new HistoryRunner(() => new EmulatedBench(_arena, SampleMachine.Build, SampleMachine.Shape, decorate));
        _runners.Add(runner);
        return runner;
    }
}
