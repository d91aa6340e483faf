using Vmm.Lab.Histories;
using Vmm.Lab.Machine;
using Vmm.Lab.Running;

namespace Vmm.Lab.Tests.Histories;

public class HistoryGeneratorTests
{
    public static TheoryData<string> Backends => [.. Enum.GetNames<Backend>()];

    [Theory]
    [MemberData(nameof(Backends))]
    public void The_same_seed_gives_the_same_history_and_another_seed_another(string name)
    {
        var backend = Enum.Parse<Backend>(name);
        Assert.Equal(Text(7, 3, backend), Text(7, 3, backend));
        Assert.NotEqual(Text(7, 3, backend), Text(8, 3, backend));
        Assert.NotEqual(Text(7, 3, backend), Text(7, 4, backend));
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void Every_operation_that_is_written_is_known_and_can_be_read_again(string name)
    {
        foreach (var number in Enumerable.Range(0, 40))
        {
            var history = HistoryGenerator.Generate(1, number, Enum.Parse<Backend>(name), SampleMachine.Shape, 100);
            Assert.All(history.Operations, operation => Assert.True(OperationTable.Has(operation.Name), operation.Name));
            Assert.Equal(history.ToText(), History.Parse(history.ToText()).ToText());
        }
    }

    [Fact]
    public void A_machine_without_groups_has_histories_too() =>
        Assert.NotEmpty(HistoryGenerator.Generate(1, 0, Backend.Type1, new MachineShape([]), 50).Operations);

    private static string Text(ulong seed, int number, Backend backend) =>
        HistoryGenerator.Generate(seed, number, backend, SampleMachine.Shape, 60).ToText();
}
