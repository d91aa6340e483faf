using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;
using Vmm.Lab.Histories;
using Vmm.Lab.Machine;
using Vmm.Lab.Running;

namespace Vmm.Lab.Tests.Running;

public sealed class HistoryRunnerTests : IDisposable
{
    private readonly Arena _arena = new();
    private readonly List<HistoryRunner> _runners = [];

    public static TheoryData<string> Backends => [nameof(Backend.Type1), nameof(Backend.Type1V1), nameof(Backend.NoIommu)];

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
            Assert.Null(runner.Run(Generate(number, Enum.Parse<Backend>(backend))));
        }

        Assert.True(runner.Operations > 1000);
    }

    [Fact]
    public void Histories_reach_success_and_refusal_of_every_operation()
    {
        var runner = Runner(kernel => kernel);
        var seen = new Dictionary<string, HashSet<bool>>();
        for (var number = 0; number < 60; number++)
        {
            runner.Run(Generate(number, Backend.Type1), (operation, first, _) => Add(seen, operation.Name, first.Errno.IsNone));
        }

        foreach (var name in (string[])["map", "unmap", "dirty", "info", "set-container", "unset-container", "set-iommu", "get-device", "set-irqs", "map-bar", "status"])
        {
            Assert.Equal(2, seen[name].Count);
        }
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

    private static History Generate(int number, Backend backend) => HistoryGenerator.Generate(11, number, backend, SampleMachine.Shape, 100);

    private static (History History, Difference Difference) FindAndShrink(HistoryRunner runner)
    {
        for (var number = 0; number < 200; number++)
        {
            var history = Generate(number, Backend.Type1);
            if (runner.Run(history) is { } difference)
            {
                return new Shrinker(runner).Shrink(history, difference);
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
