using Vmm.Actors.AddressSpaces;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.Results;
using Vmm.Testing.Decorators;

namespace Vmm.Actors.Tests.AddressSpaces;

public sealed class GuestIommuTests
{
    private const string Device = GuestIommuRig.Device;
    private const string Other = GuestIommuRig.Other;

    [Theory]
    [InlineData(BackendChoice.Type1)]
    [InlineData(BackendChoice.Iommufd)]
    public void What_a_guest_maps_its_device_reaches_until_it_unmaps_it(BackendChoice backend)
    {
        using var rig = new GuestIommuRig(backend: backend);
        rig.Commit(GuestIommuRig.Translated);
        Assert.True(rig.Attach(Device).IsAttached);

        Assert.Equal(MapResult.Ok, rig.Guest.Map(0x7000_0000, 0x2000, 0x10_0000));

        Assert.True(rig.Rig.Reaches(Device, 0x7000_1000));
        Assert.Equal([1, 2, 3, 4], rig.Rig.Ram.Bytes(0x10_1000, 4).ToArray());
        Assert.Equal(MapResult.Ok, rig.Guest.Unmap(0x7000_0000, 0x7000_1fff));
        Assert.False(rig.Rig.Reaches(Device, 0x7000_1000));
        Assert.Equal(0, rig.Rig.Ram.Leases);
    }

    [Fact]
    public void Nothing_is_hot_before_the_view_says_so_and_after_it_no_longer_does()
    {
        using var rig = new GuestIommuRig();
        rig.Attach(Device);
        Assert.Equal(MapStatus.NotHot, rig.Guest.Map(0x7000_0000, 0x1000, 0x10_0000).Status);
        rig.Guest.Unmap(0x7000_0000, 0x7000_0fff);

        rig.Commit(GuestIommuRig.Translated);
        Assert.True(rig.Guest.Map(0x7000_0000, 0x1000, 0x10_0000).IsOk);
        Assert.Equal(MapStatus.NotHot, rig.Guest.Map(GuestIommuRig.InterruptWindow, 0x1000, 0x10_0000).Status);
        var off = rig.Commit(rig.Rig.View);

        Assert.Empty(off.Holes);
        Assert.Equal(MapStatus.NotHot, rig.Guest.Map(0x7000_0000, 0x1000, 0x10_0000).Status);
        Assert.False(rig.Rig.Reaches(Device, 0x7000_0000));
        Assert.True(rig.Rig.Reaches(Device, 0x10_0000));
        Assert.DoesNotContain(Assert.Single(rig.State().Containers).Mappings, mapping => mapping.Range.Start.Value == 0x7000_0000);
    }

    [Fact]
    public void What_was_mapped_before_translation_went_off_is_back_when_it_comes_on()
    {
        using var rig = new GuestIommuRig();
        rig.Attach(Device);
        rig.Commit(GuestIommuRig.Translated);
        rig.Guest.Map(0x7000_0000, 0x1000, 0x10_0000);
        rig.Commit(rig.Rig.View);
        rig.Guest.Map(0x7000_1000, 0x1000, 0x20_0000);

        var report = rig.Commit(GuestIommuRig.Translated);

        Assert.Empty(report.Holes);
        Assert.True(rig.Rig.Reaches(Device, 0x7000_0000));
        Assert.True(rig.Rig.Reaches(Device, 0x7000_1000));
        Assert.False(rig.Rig.Reaches(Device, 0x10_0000));
        Assert.All(rig.Space.Mapper.Lanes, lane => Assert.False(lane.IsFilling));
    }

    [Fact]
    public void A_second_container_is_filled_by_replay_and_says_what_it_cannot_have()
    {
        using var rig = new GuestIommuRig();
        rig.Commit(new FlatView([GuestIommuRig.Translate(0, 0xff_ffff_ffff)]));
        Assert.True(rig.Attach(Device).IsAttached);
        Assert.True(rig.Guest.Map(0x7000_0000, 0x1000, 0x10_0000).IsOk);
        Assert.True(rig.Guest.Map(GuestIommuRig.InterruptWindow, 0x1000, 0x20_0000).IsOk);

        var second = rig.Attach(Other);

        Assert.True(second.IsAttached);
        var lacking = Assert.Single(second.Skipped);
        Assert.Contains("1 of 2 mappings of the vIOMMU could not be made again, the first at 0xfee00000-0xfee00fff (OutsideWindows)", lacking.Reason, StringComparison.Ordinal);
        Assert.Equal(2, rig.State().Containers.Count);
        Assert.True(rig.Rig.Reaches(Other, 0x7000_0000));
        Assert.True(rig.Rig.Reaches(Device, GuestIommuRig.InterruptWindow));
        Assert.True(rig.Guest.Map(0x7000_1000, 0x1000, 0x30_0000).IsOk);
        Assert.True(rig.Rig.Reaches(Device, 0x7000_1000) && rig.Rig.Reaches(Other, 0x7000_1000));
    }

    [Fact]
    public void A_map_that_one_container_refuses_is_in_none()
    {
        using var rig = new GuestIommuRig();
        rig.Commit(new FlatView([GuestIommuRig.Translate(0, 0xff_ffff_ffff)]));
        rig.Attach(Device);
        rig.Guest.Map(GuestIommuRig.InterruptWindow, 0x1000, 0x20_0000);
        rig.Attach(Other);

        Assert.Equal(MapStatus.OutsideWindows, rig.Guest.Map(GuestIommuRig.InterruptWindow + 0x1000, 0x1000, 0x20_1000).Status);

        Assert.False(rig.Rig.Reaches(Device, GuestIommuRig.InterruptWindow + 0x1000));
    }

    [Fact]
    public void A_vIOMMU_that_tells_of_no_maps_refuses_the_attach_which_is_undone()
    {
        using var rig = new GuestIommuRig();
        rig.Commit(GuestIommuRig.Translated);
        rig.Guest.Refuses = "caching-mode is off: switch it on.";

        var refusal = rig.Attach(Device).Refusal!;

        Assert.Equal(RefusalReason.GuestIommu, refusal.Reason);
        Assert.Contains("viommu at 0x0-0xfedfffff for 0000:05:00.0: caching-mode is off", refusal.Words, StringComparison.Ordinal);
        Assert.Empty(rig.State().Containers);
        Assert.Empty(rig.Space.Mapper.Lanes);
        rig.Guest.Refuses = null;
        Assert.True(rig.Attach(Device).IsAttached);
    }

    [Fact]
    public void A_section_that_the_vIOMMU_refuses_is_left_out_and_asked_about_again_by_the_next_view()
    {
        using var rig = new GuestIommuRig();
        rig.Attach(Device);
        rig.Guest.Refuses = "caching-mode is off";

        var report = rig.Commit(GuestIommuRig.Translated);

        Assert.Equal(2, report.Holes.Count);
        Assert.Contains("viommu at 0x0-0xfedfffff is not translated by the vIOMMU: caching-mode is off", report.Holes[0], StringComparison.Ordinal);
        Assert.Equal(MapStatus.NotHot, rig.Guest.Map(0x1000, 0x1000, 0).Status);
        Assert.All(rig.Space.Mapper.Lanes, lane => Assert.False(lane.IsFilling));
        rig.Guest.Refuses = null;
        Assert.Empty(rig.Commit(GuestIommuRig.Translated).Holes);
        Assert.True(rig.Rig.Reaches(Device, 0x1000));
    }

    [Fact]
    public void A_space_without_a_vIOMMU_refuses_to_prepare_such_a_section_and_skips_it_in_a_commit()
    {
        using var rig = new Rig();
        rig.Attach("0000:05:00.0");

        var prepared = rig.Do(() => rig.Space.PrepareViewAsync(GuestIommuRig.Translated));
        var report = rig.Commit(GuestIommuRig.Translated);
        var second = rig.Attach("0000:06:00.0");

        Assert.Equal(RefusalReason.GuestIommu, prepared.Refusal!.Reason);
        Assert.Equal(2, report.Skipped.Count);
        Assert.Contains("space memory was made without one", report.Skipped[0].Reason, StringComparison.Ordinal);
        Assert.Equal(report.Skipped, second.Skipped);
        Assert.Equal(MapStatus.NotRam, rig.Space.Mapper.MapNotify(0, 0x1000, 0, DmaAccess.Read).Status);
        Assert.Equal(MapStatus.NotHot, rig.Space.Mapper.TryMap(IovaRange.FromLength(0, 0x1000), rig.Ram, 0, DmaAccess.Read).Status);
    }

    [Fact]
    public void A_container_leaves_the_lanes_with_its_last_device()
    {
        using var rig = new GuestIommuRig();
        rig.Commit(GuestIommuRig.Translated);
        var binding = rig.Attach(Device).Binding!;
        rig.Guest.Map(0x7000_0000, 0x1000, 0x10_0000);
        Assert.Single(rig.Space.Mapper.Lanes);

        Assert.True(rig.Rig.Do(() => binding.DetachAsync()).IsDetached);

        Assert.Empty(rig.Space.Mapper.Lanes);
        Assert.Equal(MapStatus.NotHot, rig.Guest.Map(0x7000_1000, 0x1000, 0x10_0000).Status);
        Assert.Equal(0, rig.Rig.Ram.Leases);
        Assert.True(rig.Attach(Device).IsAttached);
        Assert.True(rig.Rig.Reaches(Device, 0x7000_0000));
        Assert.True(rig.Rig.Reaches(Device, 0x7000_1000));
    }

    [Fact]
    public void A_prepared_view_leaves_to_the_vIOMMU_what_it_maps_until_the_commit()
    {
        using var rig = new GuestIommuRig();
        rig.Attach(Device);
        rig.Commit(GuestIommuRig.Translated);
        rig.Guest.Map(0x1000, 0x1000, 0x20_0000);

        Assert.True(rig.Rig.Do(() => rig.Space.PrepareViewAsync(rig.Rig.View)).IsPrepared);
        Assert.True(rig.Guest.Map(0x2000, 0x1000, 0x20_1000).IsOk);
        Assert.Empty(rig.Commit(rig.Rig.View).Holes);

        rig.Rig.Ram.Bytes(0x1000, 4).Clear();
        Assert.True(rig.Rig.Reaches(Device, 0x1000));
        Assert.Equal([1, 2, 3, 4], rig.Rig.Ram.Bytes(0x1000, 4).ToArray());
    }

    [Fact]
    public void A_plan_from_the_whole_table_takes_no_hot_mapping_for_a_leftover()
    {
        using var rig = new GuestIommuRig();
        rig.Attach(Device);
        rig.Commit(GuestIommuRig.Translated);
        rig.Guest.Map(0x7000_0000, 0x1000, 0x10_0000);

        var changed = rig.Rig.Do(() => rig.Space.ChangeRulesAsync(rules => rules with { Holes = [IovaRange.FromLength(0x9000_0000, 0x1000)] }));

        Assert.True(changed.IsChanged);
        Assert.True(rig.Rig.Reaches(Device, 0x7000_0000));
        Assert.Equal(MapStatus.OutsideWindows, rig.Guest.Map(0x9000_0000, 0x1000, 0x10_0000).Status);
        Assert.True(rig.Guest.Map(0x9000_1000, 0x1000, 0x10_0000).IsOk);
    }

    [Fact]
    public void A_replaced_actor_replays_and_goes_on()
    {
        using var rig = new GuestIommuRig();
        rig.Attach(Device);
        rig.Commit(GuestIommuRig.Translated);
        rig.Guest.Map(0x7000_0000, 0x1000, 0x10_0000);

        rig.Rig.Steps.StopActor("/user/vmm/address-space-behind");
        rig.Rig.Steps.RunToQuiet();
        rig.State();

        Assert.True(rig.Rig.Reaches(Device, 0x7000_0000));
        Assert.Equal(4, rig.Guest.Replayed.Count);
        Assert.True(rig.Guest.Map(0x7000_1000, 0x1000, 0x10_0000).IsOk);
    }

    [Fact]
    [Trait("Requirement", "R0.9")]
    public void A_map_that_names_windows_which_an_attach_has_changed_is_stale_and_succeeds_when_it_names_the_new_ones()
    {
        using var rig = new GuestIommuRig();
        rig.Commit(GuestIommuRig.Translated);
        rig.Attach(Device);
        var seen = rig.Space.Mapper.Windows;
        var range = IovaRange.FromLength(0x7000_0000, 0x1000);
        Assert.True(rig.Space.Mapper.TryMap(range, rig.Rig.Ram, 0, DmaAccess.Read, seen).IsOk);

        rig.Attach(Other);

        var next = IovaRange.FromLength(0x7000_1000, 0x1000);
        Assert.Equal(MapStatus.Stale, rig.Space.Mapper.TryMap(next, rig.Rig.Ram, 0, DmaAccess.Read, seen).Status);
        Assert.False(rig.Space.Mapper.Windows.Windows.Contains(IovaRange.FromLength(GuestIommuRig.InterruptWindow, 0x1000)));
        Assert.True(rig.Space.Mapper.TryMap(next, rig.Rig.Ram, 0, DmaAccess.Read, rig.Space.Mapper.Windows).IsOk);
    }

    [Fact]
    [Trait("Requirement", "R0.9")]
    public void What_a_vIOMMU_is_told_before_its_guest_starts_is_what_its_maps_can_name()
    {
        using var rig = new GuestIommuRig();
        rig.Commit(GuestIommuRig.Translated);
        rig.Attach(Device);
        var told = new List<WindowsProtocol.IWindowsEvent>();
        var watch = rig.Rig.Steps.Start(async () =>
        {
            await foreach (var happened in rig.Space.WatchWindowsAsync())
            {
                told.Add(happened);
            }
        });
        rig.Rig.Steps.RunToQuiet();

        Assert.False(watch.IsCompleted);
        var snapshot = Assert.IsType<WindowsProtocol.WindowsSnapshot>(Assert.Single(told));
        Assert.Same(rig.Space.Mapper.Windows, snapshot.Dma);
        Assert.Equal((snapshot.Windows, snapshot.PageSizes), (snapshot.Dma.Windows, snapshot.Dma.PageSizes));
        Assert.Equal(0x1000u, snapshot.PageSizes.Smallest);
        Assert.True(rig.Space.Mapper.TryMap(IovaRange.FromLength(0x1000, 0x1000), rig.Rig.Ram, 0, DmaAccess.Read, snapshot.Dma).IsOk);

        rig.Attach(Other);

        var changed = Assert.IsType<WindowsProtocol.WindowsChanged>(told[^1]);
        Assert.Equal(MapStatus.Stale, rig.Space.Mapper.TryMap(IovaRange.FromLength(0x2000, 0x1000), rig.Rig.Ram, 0, DmaAccess.Read, snapshot.Dma).Status);
        Assert.Equal((changed.Windows, changed.PageSizes), (changed.Dma.Windows, changed.Dma.PageSizes));
        Assert.True(rig.Space.Mapper.TryMap(IovaRange.FromLength(0x2000, 0x1000), rig.Rig.Ram, 0, DmaAccess.Read, changed.Dma).IsOk);
    }

    [Fact]
    public void What_a_container_holds_says_whose_it_is_and_what_is_kept_for_views()
    {
        using var rig = new GuestIommuRig(backend: BackendChoice.Type1);
        rig.Commit(new FlatView([Rig.Section(0, rig.Rig.Ram, length: 0x1000), GuestIommuRig.Translate(0x1_0000, 0xffff_ffff)]));
        rig.Attach(Device);
        rig.Guest.Map(0x7000_0000, 0x1000, 0x10_0000);

        var container = Assert.Single(rig.State().Containers);

        Assert.Equal((2, 1, 655u), (container.Mappings.Count, container.Hot, container.KeptForViews));
        Assert.Equal([false, true], container.Mappings.Select(mapping => mapping.IsHot));
    }

    [Fact]
    public void An_unmap_that_fails_when_translation_goes_off_is_reported_and_keeps_its_memory()
    {
        FaultingKernel? faulting = null;
        using var rig = new GuestIommuRig(wrap: kernel => (faulting = new FaultingKernel(kernel)).ToHostKernel());
        rig.Attach(Device);
        rig.Commit(GuestIommuRig.Translated);
        rig.Guest.Map(0x7000_0000, 0x1000, 0x10_0000);
        faulting!.FailAt(1, Errno.EIO, call: "VFIO_IOMMU_UNMAP_DMA");
        faulting.FailAt(2, Errno.EIO, call: "VFIO_IOMMU_UNMAP_DMA");

        var report = rig.Commit(FlatView.Empty);

        Assert.Contains("0x0-0xfedfffff", Assert.Single(report.Holes), StringComparison.Ordinal);
        Assert.Contains("1 could not be unmapped", report.Holes[0], StringComparison.Ordinal);
        Assert.Equal(1, rig.Rig.Ram.Leases);
    }
}
