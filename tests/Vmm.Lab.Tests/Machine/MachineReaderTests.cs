using Vmm.Lab.Machine;
using Vmm.Testing.Emulation;

namespace Vmm.Lab.Tests.Machine;

public class MachineReaderTests
{
    [Fact]
    public void A_twin_of_a_machine_is_read_as_the_same_machine()
    {
        using var first = new EmulatedKernel(SampleMachine.Build());
        var machine = new MachineReader(first.ToHostKernel()).Read();
        using var second = new EmulatedKernel(EmulatedTwin.Build(machine));
        var twin = new MachineReader(second.ToHostKernel()).Read();

        Assert.True(first.Census().IsEmpty);
        Assert.Equal(machine.Space, twin.Space);
        Assert.Equal(machine.Devices, twin.Devices);
        Assert.Equal(machine.Shape.Groups.Select(Text), twin.Shape.Groups.Select(Text));
        Assert.Equal(SampleMachine.Shape.Groups.Select(group => (group.Node, group.IsViable)), machine.Shape.Groups.Select(group => (group.Node, group.IsViable)));
    }

    private static string Text(Lab.Histories.GroupShape group) =>
        $"{group.Node} {group.IsMediated} {group.IsViable} {string.Join(' ', group.Devices)}";
}
