using Vmm.Actors.Hosts;
using Vmm.Testing.Emulation;

namespace Vmm.Actors.Tests.Hosts;

public class HostEventTests
{
    private const string Device = "0000:05:00.0";
    private const string Late = "0000:05:00.1";

    [Fact]
    [Trait("Requirement", "R0.14")]
    [Trait("Requirement", "R0.16")]
    public void A_device_that_turns_up_in_a_group_in_use_is_reported_and_held_unused()
    {
        using var rig = new Rig();
        var seen = Watch(rig, credit: 8);
        rig.Commit(rig.View);
        rig.Attach(Device);

        rig.Kernel.Host.AddDevice(new PciDeviceSpec(Late), 5);
        rig.Do(() => rig.Vmm.RescanHostAsync());
        rig.Steps.RunToQuiet();

        var arrival = Assert.IsType<HostProtocol.GroupChanged>(seen[^1]);
        Assert.Equal((5, GroupChange.DeviceArrived, Late, LateMemberState.HeldUnused), (arrival.Group, arrival.Change, arrival.Device, arrival.State));
        Assert.Equal("memory", arrival.Space);
        Assert.Equal([Device], rig.OnlyContainer().Devices);
    }

    [Fact]
    public void A_late_member_is_used_when_somebody_attaches_it()
    {
        using var rig = new Rig();
        rig.Commit(rig.View);
        rig.Attach(Device);
        rig.Kernel.Host.AddDevice(new PciDeviceSpec(Late), 5);
        rig.Kernel.Host.BindToVfio(Late);
        rig.Do(() => rig.Vmm.RescanHostAsync());

        var attach = rig.Attach(Late);

        Assert.True(attach.IsAttached, attach.Refusal?.Words);
        Assert.Equal([Device, Late], rig.OnlyContainer().Devices);
    }

    [Theory]
    [InlineData(BackendChoice.Type1)]
    [InlineData(BackendChoice.Iommufd)]
    public void A_device_bound_a_moment_ago_is_attached_before_its_uevent_has_the_host_scanned(BackendChoice backend)
    {
        using var rig = new Rig(host => host.Group(5).Device(Device, driver: null).Device(Late, driver: "e1000e").Msi(), backend: backend);
        rig.Commit(rig.View);
        Assert.Equal(RefusalReason.GroupNotViable, rig.Attach(Device).Refusal?.Reason);

        rig.Kernel.Host.BindToVfio(Device);
        rig.Kernel.Host.BindToVfio(Late);
        var attach = rig.Attach(Device);

        Assert.True(attach.IsAttached, attach.Refusal?.Words);
    }

    [Fact]
    [Trait("Requirement", "R0.15")]
    public void A_listener_that_falls_behind_is_told_once_how_much_it_lost()
    {
        using var rig = new Rig();
        using var stop = new CancellationTokenSource();
        var events = rig.Vmm.WatchHostAsync(credit: 1, stop.Token).GetAsyncEnumerator(stop.Token);
        Assert.True(rig.Do(() => events.MoveNextAsync().AsTask()));
        Assert.IsType<HostProtocol.TopologySnapshot>(events.Current);

        for (var function = 1; function < 4; function++)
        {
            rig.Kernel.Host.AddDevice(new PciDeviceSpec($"0000:05:00.{function}"), 5);
            rig.Do(() => rig.Vmm.RescanHostAsync());
        }

        Assert.True(rig.Do(() => events.MoveNextAsync().AsTask()));
        Assert.Equal("0000:05:00.1", Assert.IsType<HostProtocol.GroupChanged>(events.Current).Device);
        Assert.True(rig.Do(() => events.MoveNextAsync().AsTask()));
        Assert.Equal(2, Assert.IsType<HostProtocol.Lagged>(events.Current).Lost);
        Assert.True(rig.Do(() => events.MoveNextAsync().AsTask()));
        Assert.IsType<HostProtocol.TopologySnapshot>(events.Current);
        rig.Steps.Settle(() => events.DisposeAsync().AsTask(), "the listener's end");
    }

    private static List<HostProtocol.IHostEvent> Watch(Rig rig, int credit)
    {
        var seen = new List<HostProtocol.IHostEvent>();
        _ = rig.Steps.Start(async () =>
        {
            await foreach (var happened in rig.Vmm.WatchHostAsync(credit))
            {
                seen.Add(happened);
            }
        });
        rig.Steps.RunToQuiet();
        return seen;
    }
}
