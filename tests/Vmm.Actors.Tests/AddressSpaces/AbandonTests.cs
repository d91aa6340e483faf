using Vmm.Iommu.AddressSpaces;

namespace Vmm.Actors.Tests.AddressSpaces;

public class AbandonTests
{
    private const string Device = "0000:05:00.0";

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(7)]
    [InlineData(9)]
    [InlineData(11)]
    [InlineData(14)]
    [InlineData(17)]
    [InlineData(40)]
    public void An_attach_that_is_taken_back_leaves_nothing_whenever_that_is(int turns)
    {
        using var rig = new Rig(seed: turns + 1);
        rig.Commit(rig.View);
        using var caller = new CancellationTokenSource();

        var attach = rig.Steps.Start(() => rig.Space.AttachDeviceAsync(Device, cancellationToken: caller.Token));
        rig.Steps.Run(turns);
        var wasDone = attach.IsCompleted;
        caller.Cancel();
        rig.Steps.Settle(() => attach.IsCompleted, "the attach");

        Assert.Equal(!wasDone, attach.IsCanceled);
        rig.Steps.RunToQuiet();
        Assert.Equal(wasDone ? 1 : 0, rig.Do(() => rig.Space.GetStateAsync()).Containers.Count);
    }

    [Fact]
    public void An_attach_that_waits_behind_another_can_be_taken_back()
    {
        using var rig = new Rig();
        rig.Commit(rig.View);
        using var caller = new CancellationTokenSource();

        var first = rig.Steps.Start(() => rig.Space.AttachDeviceAsync(Device));
        var second = rig.Steps.Start(() => rig.Space.AttachDeviceAsync("0000:06:00.0", cancellationToken: caller.Token));
        rig.Steps.Run(3);
        caller.Cancel();
        rig.Steps.Settle(() => first.IsCompleted && second.IsCompleted, "both");

        Assert.True(first.IsCompletedSuccessfully);
        Assert.True(second.IsCanceled);
        Assert.Equal([Device], rig.OnlyContainer().Devices);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(8)]
    [InlineData(12)]
    [InlineData(60)]
    public void A_preparation_that_is_taken_back_maps_nothing_new(int turns)
    {
        using var rig = new Rig(seed: turns);
        rig.Commit(rig.View);
        rig.Attach(Device);
        var dimm = rig.Block("dimm", 0x100_0000);
        using var caller = new CancellationTokenSource();

        var prepare = rig.Steps.Start(() => rig.Space.PrepareViewAsync(new FlatView([.. rig.View, Rig.Section(0x800_0000, dimm)]), caller.Token));
        rig.Steps.Run(turns);
        var wasDone = prepare.IsCompleted;
        caller.Cancel();
        rig.Steps.Settle(() => prepare.IsCompleted, "the preparation");
        rig.Steps.RunToQuiet();

        Assert.Equal(!wasDone, prepare.IsCanceled);
        Assert.Equal(wasDone ? 1 : 0, dimm.Leases);
    }
}
