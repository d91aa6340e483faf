using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.Planning;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Topology;

namespace Vmm.Iommu.Tests.Planning;

public class PlannedSpaceTests
{
    private const ulong GiB = 1UL << 30;
    private static readonly IovaRange MsiWindow = IovaRange.FromBounds(0xfee0_0000, 0xfeef_ffff);
    private static readonly IovaRange BridgeWindow = IovaRange.FromBounds(0xe000_0000, 0xefff_ffff);
    private static readonly RamBlock Ram = Tables.Block("pc.ram");
    private static readonly RamBlock Bar = Tables.Block("nvme BAR 0", 0x7f00_1000_0000_0000, 0x10000);
    private static readonly HostDevice Plain = Device("0000:01:00.0", 1);
    private static readonly HostDevice BehindBridge = Device("0000:02:00.0", 2);
    private static readonly HostDevice Mediated = Device("83b8f4f2", 3) with { Bus = "mdev" };

    // The interrupt window is in both groups; the window of the host bridge in the second alone.
    private static readonly HostTopology Host = new(
        1,
        [Group(1, "DMA", null, Plain, Hole(1, ReservedRegionKind.Msi, MsiWindow)), Group(2, "DMA", null, BehindBridge, Hole(2, ReservedRegionKind.Msi, MsiWindow), Hole(2, ReservedRegionKind.Reserved, BridgeWindow)), Group(3, "unknown", "vfio-noiommu", Mediated)],
        [Plain, BehindBridge, Mediated],
        [],
        []);

    [Fact]
    [Trait("Requirement", "R1.7")]
    public void The_interrupt_window_is_in_every_group_and_a_bridges_window_in_its_own()
    {
        var msi = RegionScope.Of(Host, ReservedRegionKind.Msi, MsiWindow);
        var bridge = RegionScope.Of(Host, ReservedRegionKind.Reserved, BridgeWindow);

        Assert.Equal((true, "in every group of this host"), (msi.IsGlobal, $"{msi}"));
        Assert.Equal((false, "in group 2 alone"), (bridge.IsGlobal, $"{bridge}"));
        Assert.Equal("in no group of this host", $"{RegionScope.Of(Host, ReservedRegionKind.Msi, BridgeWindow)}");
    }

    [Fact]
    [Trait("Requirement", "R1.7")]
    public void Ram_in_the_window_of_one_bridge_keeps_out_its_own_devices_alone()
    {
        var space = Space(RamAt(0, 0xf000_0000));

        var first = Plan(space, Plain);
        var second = Plan(space, BehindBridge);

        Assert.Equal(ValidIovaRanges.All.Without(MsiWindow), Assert.IsType<AttachPlan.NewContainer>(first).WindowsAfter);
        var conflict = Assert.Single(Assert.IsType<AttachPlan.Refuse>(second).Conflicts);
        Assert.Equal((BridgeWindow, "group 2"), (conflict.Range, conflict.Owner));
        Assert.Equal(ValidIovaRanges.All.Without(MsiWindow), Assert.Single(space.Containers).Windows);
    }

    [Fact]
    [Trait("Requirement", "R1.7")]
    public void A_windows_hole_comes_with_the_group_that_has_it()
    {
        var space = Space(RamAt(0, 2 * GiB));
        Plan(space, Plain);

        var share = Assert.IsType<AttachPlan.Share>(Plan(space, BehindBridge));

        Assert.Equal(ValidIovaRanges.All.Without(MsiWindow).Without(BridgeWindow), share.WindowsAfter);
        Assert.Equal(["0000:01:00.0", "0000:02:00.0"], Assert.Single(space.Containers).Devices);
    }

    [Fact]
    public void A_bar_in_the_window_of_one_bridge_is_mapped_in_the_one_container_and_left_out_of_the_other()
    {
        var space = Space(RamAt(0, 2 * GiB), new MemorySection(IovaRange.FromLength(0xe000_0000, 0x10000), SectionKind.RamDevice, Bar.Name, 0, false, Bar, 0));

        Plan(space, Plain);
        var second = Assert.IsType<AttachPlan.NewContainer>(Plan(space, BehindBridge));

        Assert.Equal("nvme BAR 0", Assert.Single(second.Skipped).Section.Name);
        Assert.Equal(1, space.Containers[0].Mappings.Count - space.Containers[1].Mappings.Count);
    }

    [Fact]
    public void A_mediated_container_takes_what_the_first_real_device_then_refuses()
    {
        var space = Space(RamAt(0, 4 * GiB));

        Assert.IsType<AttachPlan.NewContainer>(Plan(space, Mediated));
        Assert.True(space.Containers[0].HasOnlyMediated);
        Assert.IsType<AttachPlan.Refuse>(Plan(space, Plain));

        var fits = Space(RamAt(0, 2 * GiB));
        Plan(fits, Mediated);
        Assert.IsType<AttachPlan.Share>(Plan(fits, Plain));
        Assert.False(fits.Containers[0].HasOnlyMediated);
    }

    [Theory]
    [InlineData(0UL, 2 * GiB)]
    [InlineData(0x1000UL, 0x1000UL)]
    [InlineData(1UL << 40, 1UL << 40)]
    public void A_plan_counts_the_entries_that_its_container_then_has(ulong start, ulong length)
    {
        var space = Space(RamAt(start, length));
        var request = space.RequestFor(Plain);

        var needed = space.Detail(request).EntriesNeeded;

        Assert.Equal(needed, space.Attach(Plain, request, AttachPlan.For(request))!.Mappings.Count);
    }

    [Fact]
    [Trait("Requirement", "R1.4")]
    public void A_hole_that_was_asked_for_is_carved_out_and_its_cost_is_told()
    {
        var hole = IovaRange.FromLength(0x5000_0000, 0x1000);
        var space = new PlannedSpace(Host, new FlatView([RamAt(0, 2 * GiB)]), SectionFilter.FourKiB, AttachPolicy.Default, [hole]);
        var request = space.RequestFor(Plain);

        var container = space.Attach(Plain, request, AttachPlan.For(request))!;

        Assert.False(container.Mappings.TryFirstOverlap(hole, out _));
        Assert.Equal((2 * GiB) - 0x1000, container.Mappings.Bytes);
        Assert.Equal((hole, (Int128)1021), Assert.Single(Assert.Single(space.Detail(request).Costs).Holes) is var cost ? (cost.Hole, cost.ExtraEntries) : default);
    }

    [Theory]
    [InlineData("pci", null, "bind d to vfio-pci first: it has no driver")]
    [InlineData("pci", "nvme", "bind d to vfio-pci first: it has the driver nvme")]
    [InlineData("platform", null, "bind d to vfio-platform first: it has no driver")]
    [InlineData("ap", null, "bind d to vfio_ap first: it has no driver")]
    [InlineData("sonic", null, "bind d to a VFIO driver first: it has no driver")]
    [InlineData("pci", "vfio-pci", null)]
    [InlineData("mdev", "mtty", null)]
    public void A_device_that_vfio_does_not_have_yet_is_to_be_bound_first(string bus, string? driver, string? condition) =>
        Assert.Equal(condition is null ? [] : [condition], BindFirst.Of(new HostDevice { Name = "d", Bus = bus, Path = "devices/d", Driver = driver }));

    [Fact]
    public void Bound_or_to_be_bound_a_device_gets_the_same_plan_but_for_the_condition()
    {
        var nvme = BehindBridge with { Driver = "nvme" };
        var host = new HostTopology(1, Host.Groups, [Plain, nvme], [], []);
        var space = new PlannedSpace(host, new FlatView([RamAt(0, 2 * GiB)]), SectionFilter.FourKiB, AttachPolicy.Default, []);

        var now = AttachPlan.For(space.RequestFor(nvme));
        var bound = AttachPlan.For(space.RequestFor(nvme, asBound: true));

        Assert.Equal(AttachRefusalCause.NotViable, Assert.IsType<AttachPlan.Refuse>(now).Cause);
        Assert.Equal(["bind 0000:02:00.0 to vfio-pci first: it has the driver nvme"], now.Conditions);
        Assert.True(bound.WouldAttach);
    }

    [Fact]
    public void A_device_without_a_group_cannot_be_planned_for() =>
        Assert.Throws<ArgumentException>(() => Space().RequestFor(Device("0000:09:00.0", 9)));

    private static AttachPlan Plan(PlannedSpace space, HostDevice device)
    {
        var request = space.RequestFor(device);
        var plan = AttachPlan.For(request);
        Assert.Equal(plan is AttachPlan.Refuse, space.Attach(device, request, plan) is null);
        return plan;
    }

    private static PlannedSpace Space(params IEnumerable<MemorySection> view) =>
        new(Host, new FlatView(view), SectionFilter.FourKiB, AttachPolicy.Default, []);

    private static MemorySection RamAt(ulong start, ulong length) =>
        new(IovaRange.FromLength(start, length), SectionKind.Ram, Ram.Name, start, false, Ram, start);

    private static HostDevice Device(string name, int group) =>
        new() { Name = name, Bus = "pci", Path = $"devices/{name}", Driver = "vfio-pci", Group = new(group) };

    private static IommuGroup Group(int id, string type, string? name, HostDevice member, params IReadOnlyList<ReservedRegion> regions) =>
        new(new(id), type, name, [member.Name], ReservedRegionsReading.Known(new ReservedRegionSet(regions)));

    private static ReservedRegion Hole(int group, ReservedRegionKind kind, IovaRange range) => new(kind, range, $"group {group}", "test");
}
