using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Reserved;
using Vmm.Testing.Decorators;
using Vmm.Testing.Emulation;

namespace Vmm.Actors.Tests.AddressSpaces;

/// <summary>Attach, look, commit or roll back, as one operation.</summary>
public class KeepTests
{
    private const string First = "0000:05:00.0";
    private const string Second = "0000:06:00.0";
    private static readonly IovaRange Hole = IovaRange.FromBounds(0xfd_0000_0000, 0xff_ffff_ffff);

    [Fact]
    [Trait("Requirement", "R0.8")]
    public void An_attach_that_its_caller_does_not_keep_leaves_the_same_counts_as_before()
    {
        using var rig = new Rig(Narrowing);
        rig.Commit(rig.View);
        rig.Attach(First);
        var (census, leases, before) = (rig.Kernel.Census(), rig.Ram.Leases, rig.OnlyContainer());
        AttachLook? seen = null;

        var attach = rig.Do(() => rig.Space.AttachDeviceAsync(Second, policy: null, look => (seen = look) is null));

        Assert.Equal(RefusalReason.NotKept, attach.Refusal!.Reason);
        Assert.Equal((Second, 6, 1, false), (seen!.Device, seen.Group, seen.Container, seen.IsNewContainer));
        Assert.True(seen.WindowsBefore.Contains(Hole));
        Assert.False(seen.WindowsAfter.Contains(Hole));
        var after = rig.OnlyContainer();
        Assert.Equal(census.ToString(), rig.Kernel.Census().ToString());
        Assert.Equal((leases, before.Snapshot.Windows), (rig.Ram.Leases, after.Snapshot.Windows));
        Assert.Equal(before.Groups, after.Groups);
        Assert.Equal(before.Devices, after.Devices);
        Assert.Equal(before.Mappings, after.Mappings);
        Assert.True(rig.Attach(Second).IsAttached);
    }

    [Fact]
    [Trait("Requirement", "R0.8")]
    public void An_exception_while_looking_takes_the_attach_back_and_a_new_container_with_it()
    {
        using var rig = new Rig();
        rig.Commit(rig.View);
        var census = rig.Kernel.Census().ToString();

        var attach = rig.Do(() => rig.Space.AttachDeviceAsync(First, policy: null, look => look.IsNewContainer ? throw new FormatException("odd") : true));

        Assert.Equal(RefusalReason.NotKept, attach.Refusal!.Reason);
        Assert.Contains("FormatException: odd", attach.Refusal.Words, StringComparison.Ordinal);
        Assert.Equal((census, 0), (rig.Kernel.Census().ToString(), rig.Ram.Leases));
        Assert.Empty(rig.Do(() => rig.Space.GetStateAsync()).Containers);
    }

    [Fact]
    [Trait("Requirement", "R0.8")]
    public void What_is_left_out_can_be_looked_at_and_the_device_is_not_opened_before()
    {
        RecordingKernel? recording = null;
        using var rig = new Rig(
            host => host
                .Group(5).Device(First, driver: "vfio-pci", bars: [0x4000]).Msi()
                .Group(6).Device(Second, driver: "vfio-pci").Reserved(ReservedRegionKind.Reserved, IovaRange.FromBounds(0xe000_0000, 0xe000_ffff)),
            wrap: kernel => (recording = new RecordingKernel(kernel)).ToHostKernel());
        var first = rig.Attach(First);
        var bar = Assert.Single(first.Binding!.Hardware.MapRegion(0).Value!).Block;
        rig.Commit(new FlatView([.. rig.View, Rig.Section(0xe000_0000, bar, kind: SectionKind.RamDevice)]));
        var opened = recording!.Calls.Count(call => call.Call == VfioUapi.GroupGetDeviceFd.Name);

        var attach = rig.Do(() => rig.Space.AttachDeviceAsync(Second, policy: null, look => look.Skipped.Count == 0));

        Assert.Equal(RefusalReason.NotKept, attach.Refusal!.Reason);
        Assert.Equal(opened, recording.Calls.Count(call => call.Call == VfioUapi.GroupGetDeviceFd.Name));
        Assert.Equal([5], rig.OnlyContainer().Groups);
    }

    [Fact]
    [Trait("Requirement", "R0.8")]
    public void What_its_caller_keeps_is_attached()
    {
        using var rig = new Rig(Narrowing);
        var asked = 0;
        var attach = rig.Do(() => rig.Space.AttachDeviceAsync(First, policy: null, _ => ++asked > 0));
        Assert.True(attach.IsAttached, attach.Refusal?.Words);
        Assert.Equal(1, asked);
    }

    private static void Narrowing(EmulatedHostBuilder host) => host
        .Group(5).Device(First, driver: "vfio-pci").Msi()
        .Group(6).Device(Second, driver: "vfio-pci").Msi().Reserved(ReservedRegionKind.Reserved, Hole);
}
