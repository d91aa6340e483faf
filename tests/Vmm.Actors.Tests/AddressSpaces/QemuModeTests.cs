using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Planning;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Results;
using Vmm.Testing.Decorators;

namespace Vmm.Actors.Tests.AddressSpaces;

/// <summary>Calls are QEMU's; memory is as safe as in mode steady.</summary>
public class QemuModeTests
{
    private const string Device = "0000:05:00.0";

    [Fact]
    public void Memory_whose_map_failed_after_its_effect_stays_until_it_is_unmapped()
    {
        FaultingKernel? faulting = null;
        using var rig = new Rig(wrap: kernel => (faulting = new FaultingKernel(kernel)).ToHostKernel(), mode: MappingPlanMode.Qemu);
        rig.Commit(rig.View);
        rig.Attach(Device);
        var dimm = rig.Block("dimm", 0x100_0000);
        faulting!.FailAt(1, Errno.ENOMEM, FaultMoment.AfterEffect, VfioUapi.IommuMapDma.Name);

        var report = rig.Commit(new FlatView([.. rig.View, Rig.Section(0x800_0000, dimm)]));

        Assert.Single(report.Holes);
        Assert.True(rig.Reaches(Device, 0x800_0000));
        Assert.Equal(1, dimm.Leases);
        rig.Commit(rig.View);
        Assert.False(rig.Reaches(Device, 0x800_0000));
        Assert.Equal(0, dimm.Leases);
        Assert.Null(rig.OnlyContainer().Degraded);
    }

    [Fact]
    public void A_bar_whose_map_was_refused_keeps_no_lease_behind_its_section()
    {
        FaultingKernel? faulting = null;
        using var rig = new Rig(wrap: kernel => (faulting = new FaultingKernel(kernel)).ToHostKernel(), mode: MappingPlanMode.Qemu);
        rig.Commit(rig.View);
        rig.Attach(Device);
        var bar = rig.Block("bar", 0x4000);
        faulting!.FailAt(1, Errno.EINVAL, FaultMoment.AfterEffect, VfioUapi.IommuMapDma.Name);

        var shown = rig.Commit(new FlatView([.. rig.View, Rig.Section(0x1000_0000, bar, kind: SectionKind.RamDevice)]));
        var gone = rig.Commit(rig.View);

        Assert.Equal("bar", Assert.Single(shown.Skipped).Name);
        Assert.Empty(gone.Holes);
        Assert.False(rig.Reaches(Device, 0x1000_0000));
        Assert.Equal(0, bar.Leases);
        Assert.Null(rig.OnlyContainer().Degraded);
    }

    [Fact]
    public void Memory_that_has_left_is_refused_in_words_that_are_no_errno()
    {
        using var rig = new Rig(mode: MappingPlanMode.Qemu);
        var dimm = rig.Block("dimm", 0x100_0000);
        rig.Commit(new FlatView([.. rig.View, Rig.Section(0x800_0000, dimm)]));
        dimm.Retire();

        var attach = rig.Attach(Device);

        Assert.Contains("dimm", attach.Refusal!.Words, StringComparison.Ordinal);
        Assert.DoesNotContain("Success", attach.Refusal.Words, StringComparison.Ordinal);
    }

    [Fact]
    public void A_view_that_stays_tells_again_what_several_containers_leave_out()
    {
        using var rig = new Rig(
            host => host
                .Group(5).Device(Device, driver: "vfio-pci").Msi()
                .Group(6).Device("0000:06:00.0", driver: "vfio-pci").Reserved(ReservedRegionKind.Reserved, IovaRange.FromBounds(0x1000_0000, 0x1000_0fff)),
            mode: MappingPlanMode.Qemu);
        var shown = new FlatView([.. rig.View, Rig.Section(0x1000_0000, rig.Block("bar", 0x4000), kind: SectionKind.RamDevice)]);
        rig.Commit(shown);
        rig.Attach(Device);
        rig.Attach("0000:06:00.0");
        Assert.Equal(2, rig.Do(() => rig.Space.GetStateAsync()).Containers.Count);

        var report = rig.Commit(shown);

        Assert.Equal((0, 0), (report.Mapped, report.Unmapped));
        Assert.Equal("bar", Assert.Single(report.Skipped).Name);
    }
}
