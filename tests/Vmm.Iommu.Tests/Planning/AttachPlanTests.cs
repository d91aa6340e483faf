using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.Planning;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Results;
using Vmm.Iommu.Topology;

namespace Vmm.Iommu.Tests.Planning;

public class AttachPlanTests
{
    private const ulong GiB = 1UL << 30;
    private static readonly RamBlock Ram = Tables.Block("pc.ram");
    private static readonly RamBlock Bar = Tables.Block("nvme BAR 0", 0x7f00_1000_0000_0000, 0x10000);
    private static readonly ReservedRegion Msi = Region(ReservedRegionKind.Msi, 0xfee00000, 0xfeefffff);
    private static readonly DmaSection[] Fitting = [Tables.Section(Ram, 0, (2 * GiB) - 1)];
    private static readonly DmaSection[] OverMsi = [Tables.Section(Ram, 0x8000_0000, 0x1_7fff_ffff)];
    private static readonly DmaSection[] BarOverMsi = [.. Fitting, Tables.Section(Bar, 0xfee00000, 0xfee0ffff, skippable: true, offset: 0)];

    [Fact]
    [Trait("Requirement", "R2.1")]
    [Trait("Requirement", "R0.5")]
    public void A_group_shares_the_first_container_of_its_kind_that_takes_it_and_its_windows_shrink()
    {
        var plan = AttachPlan.For(Request(Fitting, [Msi], [Candidate("iommufd-1", [], kind: "iommufd"), Candidate("c1", Fitting), Candidate("c2", Fitting)]));

        var share = Assert.IsType<AttachPlan.Share>(plan);
        Assert.Equal("c1", share.Container);
        Assert.Equal(ValidIovaRanges.All.Without(Msi.Range), share.WindowsAfter);
        Assert.Equal("iommufd-1: it is of kind iommufd, not type1", Assert.Single(share.Rejections).ToString());
    }

    [Fact]
    [Trait("Requirement", "R0.4")]
    [Trait("Requirement", "R2.13")]
    public void Ram_in_the_msi_window_is_refused_with_range_kind_owner_region_and_cure()
    {
        var refusal = Assert.IsType<AttachPlan.Refuse>(AttachPlan.For(Request(OverMsi, [Msi], [Candidate("c1", OverMsi)])));

        Assert.Equal(
            "pc.ram at 0x80000000-0x17fffffff lies in 0xfee00000-0xfeefffff, which is reserved (msi) by group 6; "
            + "lay out guest memory so that it ends at 0xfedfffff or below and goes on at 0xfef00000 or above, "
            + "or assign a device of a host that does not reserve it",
            refusal.Reason);
        Assert.Equal(Errno.EINVAL, refusal.Errno);
        Assert.Equal("c1", Assert.Single(refusal.Rejections).Container);
        Assert.Equal(Msi.Range, Assert.Single(refusal.Conflicts).Range);
    }

    [Fact]
    [Trait("Requirement", "R2.8")]
    public void A_mapped_bar_in_the_msi_window_leads_to_a_second_container_without_it()
    {
        var plan = Assert.IsType<AttachPlan.NewContainer>(AttachPlan.For(Request(BarOverMsi, [Msi], [Candidate("c1", BarOverMsi)])));

        var (section, conflict) = Assert.Single(plan.Skipped);
        Assert.Equal("nvme BAR 0", section.Name);
        Assert.Equal(ReservedRegionKind.Msi, conflict.Kind);
        Assert.True(Assert.Single(Assert.Single(plan.Rejections).Conflicts).IsSkippable);
    }

    [Fact]
    [Trait("Requirement", "R2.5")]
    public void On_iommufd_a_second_container_is_not_made_unless_allowed()
    {
        var request = Request(BarOverMsi, [Msi], [Candidate("ioas-1", BarOverMsi, kind: "iommufd")]) with { Kind = "iommufd", Policy = new AttachPolicy { AllowSecondContainer = false } };

        Assert.Contains("a second one is not allowed", Assert.IsType<AttachPlan.Refuse>(AttachPlan.For(request)).Reason, StringComparison.Ordinal);
        Assert.IsType<AttachPlan.NewContainer>(AttachPlan.For(request with { Policy = new AttachPolicy { AllowSecondContainer = true } }));
        Assert.IsType<AttachPlan.NewContainer>(AttachPlan.For(request with { Containers = [] }));
    }

    [Fact]
    public void A_direct_region_refuses_its_group_before_any_container_is_tried()
    {
        var refusal = Assert.IsType<AttachPlan.Refuse>(AttachPlan.For(
            Request(Fitting, [Region(ReservedRegionKind.Direct, 0xe8000, 0xe8fff), Msi], [Candidate("c1", Fitting)])));

        Assert.Equal(Errno.EINVAL, refusal.Errno);
        Assert.Empty(refusal.Rejections);
        Assert.Contains("0xe8000-0xe8fff", refusal.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_direct_relaxable_region_inside_guest_ram_is_no_conflict()
    {
        var relaxable = Region(ReservedRegionKind.DirectRelaxable, 0x7b800000, 0x7fffffff);

        var share = Assert.IsType<AttachPlan.Share>(AttachPlan.For(Request(Fitting, [relaxable, Msi], [Candidate("c1", Fitting)])));
        Assert.Equal(ValidIovaRanges.All.Without(Msi.Range), share.WindowsAfter);
    }

    [Fact]
    [Trait("Requirement", "R0.19")]
    public void A_group_that_is_not_viable_is_refused_with_its_drivers()
    {
        var disk = new HostDevice { Name = "0000:01:00.1", Bus = "pci", Path = "devices/x", Driver = "nvme", Group = new(6) };
        var request = Request(Fitting, [], []) with { Viability = new GroupViability(new(6), [disk]) };

        var refusal = Assert.IsType<AttachPlan.Refuse>(AttachPlan.For(request));
        Assert.StartsWith("group 6 is not viable: 0000:01:00.1 is bound to nvme.", refusal.Reason, StringComparison.Ordinal);
        Assert.Equal(Errno.EPERM, refusal.Errno);
    }

    [Fact]
    [Trait("Requirement", "R0.10")]
    public void With_frozen_iovas_an_attach_that_would_change_the_windows_is_refused()
    {
        var frozen = new AttachPolicy { AllowSecondContainer = true, FreezeIova = true };
        var open = Request(Fitting, [Msi], [Candidate("c1", Fitting)]) with { Policy = frozen };
        var cut = open with { Containers = [Candidate("c1", Fitting, ValidIovaRanges.All.Without(Msi.Range))] };

        Assert.Contains("freeze-iova", Assert.IsType<AttachPlan.Refuse>(AttachPlan.For(open)).Reason, StringComparison.Ordinal);
        Assert.IsType<AttachPlan.Share>(AttachPlan.For(cut));
        Assert.IsType<AttachPlan.NewContainer>(AttachPlan.For(open with { Containers = [] }));
    }

    [Fact]
    [Trait("Requirement", "R0.9")]
    public void Windows_that_the_guest_was_told_are_kept()
    {
        var told = new ValidIovaRanges([IovaRange.FromLength(0, 4 * GiB)]);
        var request = Request(Fitting, [Msi], [Candidate("c1", [])]) with { Policy = new AttachPolicy { AllowSecondContainer = true, ToldWindows = told } };

        Assert.Contains("the guest was told the windows 0x0-0xffffffff", Assert.IsType<AttachPlan.Refuse>(AttachPlan.For(request)).Reason, StringComparison.Ordinal);
        Assert.IsType<AttachPlan.Share>(AttachPlan.For(request with { Policy = request.Policy with { ToldWindows = told.Without(Msi.Range) } }));
    }

    [Fact]
    [Trait("Requirement", "R1.17")]
    public void What_is_unknown_is_said_and_does_not_refuse()
    {
        var request = Request(Fitting, [], []) with { Reserved = ReservedRegionsReading.Unknown("no such file"), Aperture = null };

        var plan = Assert.IsType<AttachPlan.NewContainer>(AttachPlan.For(request));
        Assert.Equal(["reserved regions of group 6: no such file; the kernel decides", "aperture of group 6: unknown until probed"], plan.Unknowns);
    }

    [Fact]
    [Trait("Requirement", "R2.6")]
    public void Ram_beyond_the_aperture_is_refused_and_a_bar_beyond_it_is_skipped()
    {
        var narrow = new ValidIovaRanges([IovaRange.FromLength(0, 1UL << 39)]);
        DmaSection[] high = [Tables.Section(Ram, 0, 1UL << 39 | 0xfff)];
        DmaSection[] highBar = [.. Fitting, Tables.Section(Bar, 1UL << 40, (1UL << 40) + 0xffff, skippable: true, offset: 0)];

        var refusal = Assert.IsType<AttachPlan.Refuse>(AttachPlan.For(Request(high, [], []) with { Aperture = narrow }));
        Assert.Null(Assert.Single(refusal.Conflicts).Kind);
        Assert.Contains("outside the aperture of group 6", refusal.Reason, StringComparison.Ordinal);
        Assert.Single(Assert.IsType<AttachPlan.NewContainer>(AttachPlan.For(Request(highBar, [], []) with { Aperture = narrow })).Skipped);
    }

    [Fact]
    [Trait("Requirement", "R2.7")]
    public void A_mapping_made_for_mediated_devices_conflicts_with_the_first_real_device()
    {
        var candidate = Candidate("mdev-only", OverMsi, ValidIovaRanges.All);

        Assert.IsType<AttachPlan.Share>(AttachPlan.For(Request(OverMsi, [], [candidate])));
        Assert.IsType<AttachPlan.Refuse>(AttachPlan.For(Request(OverMsi, [Msi], [candidate])));
    }

    [Fact]
    public void A_closed_container_and_one_that_would_have_no_windows_are_passed_over()
    {
        var closed = Candidate("c1", Fitting) with { Closed = "an unmap failed there" };
        var inside = Candidate("c2", [], new ValidIovaRanges([Msi.Range]));

        var plan = Assert.IsType<AttachPlan.NewContainer>(AttachPlan.For(Request(Fitting, [Msi], [closed, inside])));
        Assert.Equal(["c1: an unmap failed there", "c2: no valid IOVA would be left"], plan.Rejections.Select(rejection => rejection.ToString()));
    }

    [Fact]
    public void A_view_of_more_sections_than_a_container_has_entries_is_refused()
    {
        DmaSection[] many = [.. Enumerable.Range(0, 11).Select(i => Tables.Section(Ram, (ulong)i * 0x2000, ((ulong)i * 0x2000) + 0xfff))];

        var refusal = Assert.IsType<AttachPlan.Refuse>(AttachPlan.For(Request(many, [], []) with { Policy = new AttachPolicy { EntriesOfNewContainer = 10 } }));
        Assert.Equal(Errno.ENOSPC, refusal.Errno);
    }

    private static AttachRequest Request(DmaSection[] view, ReservedRegion[] regions, ContainerCandidate[] containers) => new()
    {
        Viability = new GroupViability(new(6), []),
        Reserved = ReservedRegionsReading.Known(new ReservedRegionSet(regions)),
        Aperture = ValidIovaRanges.All,
        Kind = "type1",
        Containers = containers,
        View = view,
    };

    private static ContainerCandidate Candidate(string id, DmaSection[] mapped, ValidIovaRanges? windows = null, string kind = "type1") =>
        new(id, kind, windows ?? ValidIovaRanges.All, Tables.Mapped(mapped, MappingPlanMode.Qemu));

    private static ReservedRegion Region(ReservedRegionKind kind, ulong start, ulong last) =>
        new(kind, IovaRange.FromBounds(start, last), "group 6", "test");
}
