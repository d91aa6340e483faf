using Vmm.Lab.Histories;
using Vmm.Lab.Machine;
using Vmm.Lab.Running;

namespace Vmm.Lab.Tests.Histories;

public sealed class HistoryAuthorTests : IDisposable
{
    private readonly Arena _arena = new();

    public static TheoryData<string> Backends => [.. Enum.GetNames<Backend>()];

    public void Dispose() => _arena.Dispose();

    [Theory]
    [MemberData(nameof(Backends))]
    public void The_same_seed_and_answers_give_the_same_history_and_another_seed_another(string name)
    {
        var backend = Enum.Parse<Backend>(name);
        Assert.Equal(Written(7, 3, backend).ToText(), Written(7, 3, backend).ToText());
        Assert.NotEqual(Written(7, 3, backend).ToText(), Written(8, 3, backend).ToText());
        Assert.NotEqual(Written(7, 3, backend).ToText(), Written(7, 4, backend).ToText());
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void Every_operation_that_is_written_is_known_and_can_be_read_again(string name)
    {
        foreach (var number in Enumerable.Range(0, 40))
        {
            var history = Written(1, number, Enum.Parse<Backend>(name));
            Assert.All(history.Operations, operation => Assert.True(OperationTable.Has(operation.Name), operation.Name));
            Assert.Equal(history.ToText(), History.Parse(history.ToText()).ToText());
        }
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void A_machine_without_groups_has_histories_too(string name)
    {
        var author = new HistoryAuthor(1, 0, Enum.Parse<Backend>(name), new MachineShape([]), 50);
        while (author.Next() is { } operation)
        {
            author.Hear(operation, Outcome.Skipped);
        }

        Assert.True(author.Written.Operations.Count >= 50);
    }

    /// <summary>Linux would not come back from it: docs/kernel.md.</summary>
    [Fact]
    public void No_group_joins_a_container_that_holds_a_vast_mapping()
    {
        const ulong Vast = 1UL << 32;
        var vast = 0;
        foreach (var number in Enumerable.Range(0, 150))
        {
            var known = new Known();
            var author = new HistoryAuthor(3, number, Backend.Type1, SampleMachine.Shape, 120);
            using var runner = new HistoryRunner(() => new EmulatedBench(_arena, SampleMachine.Build, SampleMachine.Shape, kernel => kernel));
            Assert.Null(runner.Run(author, (operation, answer, _) =>
            {
                Assert.False(operation.Name == "set-container" && known.Mapped.Exists(range => range.Space == operation["with"] && range.Size > Vast), $"history {number}: {operation}");
                known.Hear(operation, answer);
                vast += known.Mapped.Exists(range => range.Size > Vast) ? 1 : 0;
            }));
        }

        Assert.NotEqual(0, vast);
    }

    private History Written(ulong seed, int number, Backend backend)
    {
        using var runner = new HistoryRunner(() => new EmulatedBench(_arena, SampleMachine.Build, SampleMachine.Shape, kernel => kernel));
        var author = new HistoryAuthor(seed, number, backend, SampleMachine.Shape, 60);
        Assert.Null(runner.Run(author));
        return author.Written;
    }
}
