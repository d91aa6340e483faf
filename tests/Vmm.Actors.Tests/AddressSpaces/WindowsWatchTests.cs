using Vmm.Actors.AddressSpaces;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.Reserved;
using Vmm.Testing.Emulation;

namespace Vmm.Actors.Tests.AddressSpaces;

/// <summary>Watching the valid IOVAs of a space.</summary>
public class WindowsWatchTests
{
    private const string First = "0000:05:00.0";
    private const string Second = "0000:06:00.0";
    private static readonly IovaRange Hole = IovaRange.FromBounds(0xfd_0000_0000, 0xff_ffff_ffff);

    [Fact]
    [Trait("Requirement", "R0.11")]
    public void Who_watches_hears_of_an_attach_that_another_made_with_cause_container_generation_and_windows()
    {
        using var rig = new Rig(WithHole);
        var seen = Watch(rig);

        var first = rig.Attach(First);
        rig.Attach(Second);

        Assert.Equal(ValidIovaRanges.All, Assert.IsType<WindowsProtocol.WindowsSnapshot>(seen[0]).Windows);
        var one = Assert.IsType<WindowsProtocol.WindowsChanged>(seen[1]);
        Assert.Equal((WindowsCause.DeviceAttached, First, first.Binding!.Windows), (one.Cause, one.Device, one.Windows));
        var two = Assert.IsType<WindowsProtocol.WindowsChanged>(seen[2]);
        Assert.Equal((WindowsCause.DeviceAttached, Second), (two.Cause, two.Device));
        Assert.False(two.Windows.Contains(Hole));
        var list = Assert.Single(two.Containers);
        Assert.Equal((first.Binding.Container, two.Windows, true), (list.Container, list.Windows, list.AreKnown));
        Assert.True(list.Generation > Assert.Single(one.Containers).Generation);
    }

    [Fact]
    [Trait("Requirement", "R0.6")]
    [Trait("Requirement", "R0.9")]
    public void A_detach_grows_the_list_back_under_a_new_generation()
    {
        using var rig = new Rig(WithHole);
        var seen = Watch(rig);
        rig.Attach(First);
        var second = rig.Attach(Second);

        rig.Do(() => second.Binding!.DetachAsync());

        var before = Assert.IsType<WindowsProtocol.WindowsChanged>(seen[1]);
        var after = Assert.IsType<WindowsProtocol.WindowsChanged>(seen[3]);
        Assert.Equal((WindowsCause.DeviceDetached, Second, before.Windows), (after.Cause, after.Device, after.Windows));
        Assert.Distinct(seen.OfType<WindowsProtocol.WindowsChanged>().SelectMany(change => change.Containers).Select(list => (list.Container, list.Generation)));
    }

    [Fact]
    [Trait("Requirement", "R0.9")]
    public void An_event_has_all_containers_of_one_command_and_none_comes_from_the_middle_of_one()
    {
        for (var seed = 1; seed <= 20; seed++)
        {
            using var rig = new Rig(WithHole, seed);
            var seen = Watch(rig);
            rig.Attach(First);
            var told = seen.Count;

            // Taken back at the last moment: by then the container has the group in it, and a shorter list.
            rig.Do(() => rig.Space.AttachDeviceAsync(Second, policy: null, look => look.WindowsAfter.Equals(look.WindowsBefore)));

            Assert.All(seen.Skip(told - 1), happened => Assert.True(Windows(happened).Contains(Hole)));
            Assert.Equal(Windows(seen[^1]), rig.Do(() => rig.Space.GetStateAsync()).Windows);
        }
    }

    [Fact]
    [Trait("Requirement", "R0.9")]
    public void The_windows_of_a_space_are_what_every_container_can_map()
    {
        using var rig = new Rig(host => host
            .Group(5).Device(First, driver: "vfio-pci", bars: [0x4000]).Msi()
            .Group(6).Device(Second, driver: "vfio-pci").Reserved(ReservedRegionKind.Reserved, IovaRange.FromBounds(0xe000_0000, 0xe000_ffff)));
        var first = rig.Attach(First);
        var bar = Assert.Single(first.Binding!.Hardware.MapRegion(0).Value!).Block;
        rig.Commit(new([.. rig.View, Rig.Section(0xe000_0000, bar, kind: Vmm.Iommu.AddressSpaces.SectionKind.RamDevice)]));
        var seen = Watch(rig);

        var second = rig.Attach(Second);

        var change = Assert.IsType<WindowsProtocol.WindowsChanged>(seen[^1]);
        Assert.Equal(second.Binding!.Container, Assert.Single(change.Containers).Container);
        Assert.Equal(first.Binding.Windows.Intersect(second.Binding.Windows), change.Windows);
        rig.Do(() => second.Binding.DetachAsync());
        Assert.Equal([second.Binding.Container], Assert.IsType<WindowsProtocol.WindowsChanged>(seen[^1]).Closed);
    }

    [Fact]
    [Trait("Requirement", "R0.21")]
    public void What_a_late_member_brought_is_told_when_it_is_attached()
    {
        using var rig = new Rig();
        rig.Attach(First);
        var late = new PciDeviceSpec("0000:05:00.1") { Reserved = [new(ReservedRegionKind.Reserved, Hole, "group 5", "test")] };
        rig.Kernel.Host.AddDevice(late, 5);
        rig.Kernel.Host.BindToVfio("0000:05:00.1");
        rig.Do(() => rig.Vmm.RescanHostAsync());
        var seen = Watch(rig);

        Assert.True(rig.Attach("0000:05:00.1").IsAttached);

        var change = Assert.IsType<WindowsProtocol.WindowsChanged>(seen[^1]);
        Assert.Equal(WindowsCause.LateMember, change.Cause);
        Assert.False(change.Windows.Contains(Hole));
    }

    [Fact]
    [Trait("Requirement", "R0.15")]
    public void A_watcher_that_falls_behind_delays_nobody_and_gets_one_mark_and_a_fresh_list()
    {
        using var rig = new Rig();
        using var stop = new CancellationTokenSource();
        var events = rig.Space.WatchWindowsAsync(credit: 1, stop.Token).GetAsyncEnumerator(stop.Token);
        Assert.True(rig.Do(() => events.MoveNextAsync().AsTask()));
        var other = Watch(rig);

        var first = rig.Attach(First);
        rig.Attach(Second);
        rig.Do(() => first.Binding!.DetachAsync());

        Assert.Equal(4, other.Count);
        Assert.True(rig.Do(() => events.MoveNextAsync().AsTask()));
        Assert.Equal(First, Assert.IsType<WindowsProtocol.WindowsChanged>(events.Current).Device);
        Assert.True(rig.Do(() => events.MoveNextAsync().AsTask()));
        Assert.Equal(2, Assert.IsType<WindowsProtocol.Lagged>(events.Current).Lost);
        Assert.True(rig.Do(() => events.MoveNextAsync().AsTask()));
        Assert.Equal(other[^1].Sequence, Assert.IsType<WindowsProtocol.WindowsSnapshot>(events.Current).Sequence);
        rig.Steps.Settle(() => events.DisposeAsync().AsTask(), "the watch's end");
    }

    [Fact]
    public void A_watcher_outlives_the_actor_of_its_space_and_ends_with_the_space()
    {
        using var rig = new Rig();
        var ended = false;
        var seen = Watch(rig, () => ended = true);
        rig.Steps.StopActor("/user/vmm/address-space-memory");
        rig.Steps.RunToQuiet();

        rig.Attach(First);
        Assert.Equal(First, Assert.IsType<WindowsProtocol.WindowsChanged>(seen[^1]).Device);
        Assert.False(ended);

        rig.Steps.Settle(() => rig.Space.DisposeAsync().AsTask(), "the space's end");
        Assert.True(ended);
    }

    [Fact]
    public void A_space_that_is_closed_cannot_be_watched()
    {
        using var rig = new Rig();
        rig.Steps.Settle(() => rig.Space.DisposeAsync().AsTask(), "the space's end");
        var events = rig.Space.WatchWindowsAsync().GetAsyncEnumerator();
        Assert.Throws<ObjectDisposedException>(() => rig.Do(() => events.MoveNextAsync().AsTask()));
    }

    private static void WithHole(EmulatedHostBuilder host) => host
        .Group(5).Device(First, driver: "vfio-pci").Msi()
        .Group(6).Device(Second, driver: "vfio-pci").Msi().Reserved(ReservedRegionKind.Reserved, Hole);

    private static ValidIovaRanges Windows(WindowsProtocol.IWindowsEvent happened) => happened switch
    {
        WindowsProtocol.WindowsSnapshot snapshot => snapshot.Windows,
        WindowsProtocol.WindowsChanged change => change.Windows,
        _ => throw new ArgumentOutOfRangeException(nameof(happened), happened, "no windows in it"),
    };

    private static List<WindowsProtocol.IWindowsEvent> Watch(Rig rig, Action? ended = null)
    {
        var seen = new List<WindowsProtocol.IWindowsEvent>();
        _ = rig.Steps.Start(async () =>
        {
            await foreach (var happened in rig.Space.WatchWindowsAsync())
            {
                seen.Add(happened);
            }

            ended?.Invoke();
        });
        rig.Steps.RunToQuiet();
        return seen;
    }
}
