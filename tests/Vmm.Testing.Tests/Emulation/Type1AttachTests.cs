using Vmm.Iommu.Addressing;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Results;
using Vmm.Testing.Emulation;

namespace Vmm.Testing.Tests.Emulation;

public sealed class Type1AttachTests
{
    private const ulong Page = 0x1000;
    private const ulong Top = 0xffff_ffff_ffff;
    private static readonly IovaRange Hole = IovaRange.FromBounds(0x4000_0000, 0x4fff_ffff);

    private static readonly IovaRange[] BelowAndAboveMsi = [IovaRange.FromBounds(0, 0xfedf_ffff), IovaRange.FromBounds(0xfef0_0000, Top)];

    [Fact]
    [Trait("Requirement", "R0.4")]
    public void A_reserved_region_over_a_mapping_refuses_the_group_and_changes_nothing()
    {
        using var rig = Holed();
        var (container, _) = rig.Ready(1);
        Assert.Equal(Errno.None, rig.Map(container, Rig.ReadWrite, rig.Memory(Page), 0x4000_0000, Page));
        var census = rig.Kernel.Census();
        var other = rig.Group(2);
        Assert.Equal(Errno.EINVAL, rig.SetContainer(other, container));
        Assert.Equal(BelowAndAboveMsi, rig.Windows(container)!);
        Assert.False(rig.Host.Group(2).IsOwned);
        Assert.Equal(census.PinnedPages, rig.Kernel.Census().PinnedPages);
        Assert.True(rig.Kernel.DmaWrite(Rig.NetworkCard, new(0x4000_0000), "x"u8).IsCompleted);
    }

    [Fact]
    [Trait("Requirement", "R0.1")]
    [Trait("Requirement", "R0.5")]
    [Trait("Requirement", "R0.6")]
    public void A_hole_comes_with_its_group_and_goes_with_it()
    {
        using var rig = Holed();
        var (container, _) = rig.Ready(1);
        var other = rig.Group(2);
        Assert.Equal(Errno.None, rig.SetContainer(other, container));
        Assert.Equal(
            [IovaRange.FromBounds(0, 0x3fff_ffff), IovaRange.FromBounds(0x5000_0000, 0xfedf_ffff), IovaRange.FromBounds(0xfef0_0000, Top)],
            rig.Windows(container)!);
        Assert.Equal(Errno.EINVAL, rig.Map(container, Rig.ReadWrite, rig.Memory(Page), 0x4000_0000, Page));
        Assert.Equal(Errno.None, rig.UnsetContainer(other));
        Assert.Equal(BelowAndAboveMsi, rig.Windows(container)!);
    }

    [Fact]
    [Trait("Requirement", "R0.6")]
    public void An_edge_that_a_group_cut_comes_back_only_when_a_domain_is_freed()
    {
        using var rig = new Rig(host => host
            .Unit("dmar0").Unit("dmar1", aperture: IovaRange.FromBounds(0, 0x7f_ffff_ffff))
            .Group(1).Device(Rig.NetworkCard, "vfio-pci")
            .Group(2).Device(Rig.Disk, "vfio-pci").Reserved(ReservedRegionKind.Reserved, IovaRange.FromBounds(0, 0xffff))
            .Group(3).Device("0000:03:00.0", "vfio-pci", unit: "dmar1"));
        var (container, groups) = rig.Ready(1, 2);
        Assert.Equal([IovaRange.FromBounds(0x1_0000, Top)], rig.Windows(container)!);
        Assert.Equal(Errno.None, rig.UnsetContainer(groups[1]));
        Assert.Equal([IovaRange.FromBounds(0x1_0000, Top)], rig.Windows(container)!);

        var third = rig.Group(3);
        Assert.Equal(Errno.None, rig.SetContainer(third, container));
        Assert.Equal([IovaRange.FromBounds(0x1_0000, 0x7f_ffff_ffff)], rig.Windows(container)!);
        Assert.Equal(Errno.None, rig.UnsetContainer(third));
        Assert.Equal([IovaRange.FromBounds(0, Top)], rig.Windows(container)!);
    }

    [Fact]
    [Trait("Requirement", "R0.4")]
    public void An_aperture_that_cuts_a_mapping_off_refuses_the_group()
    {
        using var rig = TwoUnits(IovaRange.FromBounds(0, 0x7f_ffff_ffff));
        var (container, _) = rig.Ready(1);
        Assert.Equal(Errno.None, rig.Map(container, Rig.ReadWrite, rig.Memory(Page), 0x80_0000_0000, Page));
        var other = rig.Group(2);
        Assert.Equal(Errno.EINVAL, rig.SetContainer(other, container));
        Assert.Equal((Errno.None, Page), rig.Unmap(container, 0, 0x80_0000_0000, Page));
        Assert.Equal(Errno.None, rig.SetContainer(other, container));
        Assert.Equal([IovaRange.FromBounds(0, 0x7f_ffff_ffff)], rig.Windows(container)!);
    }

    [Fact]
    [Trait("Requirement", "R2.6")]
    public void Apertures_that_share_nothing_refuse_the_group()
    {
        using var rig = new Rig(host => host
            .Unit("dmar0", aperture: IovaRange.FromBounds(0, 0xffff_ffff)).Unit("dmar1", aperture: IovaRange.FromBounds(0x1_0000_0000, Top))
            .Group(1).Device(Rig.NetworkCard, "vfio-pci")
            .Group(2).Device(Rig.Disk, "vfio-pci", unit: "dmar1"));
        var (container, _) = rig.Ready(1);
        Assert.Equal(Errno.EINVAL, rig.SetContainer(rig.Group(2), container));
    }

    [Fact]
    public void A_group_whose_regions_leave_nothing_is_refused()
    {
        using var rig = new Rig(host => host
            .Group(1).Device(Rig.NetworkCard, "vfio-pci")
            .Group(2).Device(Rig.Disk, "vfio-pci").Reserved(ReservedRegionKind.Reserved, IovaRange.All));
        var (container, _) = rig.Ready(1);
        Assert.Equal(Errno.EINVAL, rig.SetContainer(rig.Group(2), container));
        Assert.Equal([IovaRange.FromBounds(0, Top)], rig.Windows(container)!);
    }

    [Fact]
    public void Page_sizes_are_those_that_all_domains_have()
    {
        using var rig = new Rig(host => host
            .Unit("smmu0", IommuKind.Smmu, pageSizes: 0x40201000).Unit("smmu1", IommuKind.Smmu, pageSizes: 0x20010000)
            .Group(1).Device(Rig.NetworkCard, "vfio-pci")
            .Group(2).Device(Rig.Disk, "vfio-pci", unit: "smmu1")
            .Group(3).Device("0000:03:00.0", "vfio-pci", unit: "smmu1"));
        var (container, _) = rig.Ready(2);
        Assert.Equal(Errno.EINVAL, rig.Map(container, Rig.ReadWrite, rig.Memory(0x10000), 0, Page));
        Assert.Equal(0x20010000UL, PageSizes(rig, container));
        Assert.Equal(Errno.None, rig.SetContainer(rig.Group(3), container));
        Assert.Equal(0x20010000UL, PageSizes(rig, container));
    }

    /// <summary>Address kind, IOVA, and what the first physical group answers.</summary>
    public static TheoryData<AddressKind?, ulong, int> Bills => new()
    {
        { AddressKind.Ram, 0, 0 },
        { AddressKind.PfnMap, 0, 0 },
        { AddressKind.ReadOnly, 0, 14 },
        { AddressKind.Absent, 0, 14 },
        { null, 0, 14 },
        { AddressKind.Ram, 0xfee0_0000, 22 },
        { null, 0xfee0_0000, 22 },
        { AddressKind.Ram, 0x1_0000_0000_0000, 34 },
        { null, 0x1_0000_0000_0000, 14 },
    };

    [Theory]
    [MemberData(nameof(Bills))]
    [Trait("Requirement", "R2.7")]
    [Trait("Requirement", "R2.12")]
    public void The_first_physical_group_pays_for_what_a_mediated_container_took(AddressKind? kind, ulong iova, int errno)
    {
        using var rig = new Rig();
        const ulong Address = 0x7000_0000_0000;
        if (kind is { } known)
        {
            rig.Kernel.Declare(new HostAddress(Address), 16 * Page, known);
        }

        var (container, _) = rig.Ready(7);
        Assert.Equal(Errno.None, rig.Map(container, Rig.ReadWrite, Address, iova, 16 * Page));
        var group = rig.Group(1);
        Assert.Equal(errno, rig.SetContainer(group, container).Number);
        Assert.Equal(errno == 0, rig.Host.Group(1).IsOwned);
        Assert.Equal(errno == 0 ? 16UL : 0, rig.Kernel.Census().PinnedPages);
        Assert.Equal(errno == 0 && kind == AddressKind.Ram ? 16UL : 0, rig.Kernel.Census().LockedPages);
        Assert.Equal(errno == 0 ? BelowAndAboveMsi : null, rig.Windows(container));
    }

    [Fact]
    [Trait("Requirement", "R2.7")]
    public void A_replay_that_fails_half_way_takes_its_pins_back()
    {
        using var rig = new Rig();
        var (container, _) = rig.Ready(7);
        Assert.Equal(Errno.None, rig.Map(container, Rig.ReadWrite, rig.Memory(4 * Page), 0, 4 * Page));
        Assert.Equal(Errno.None, rig.Map(container, Rig.ReadWrite, 0xdead_0000, 0x10_0000, Page));
        Assert.Equal(Errno.EFAULT, rig.SetContainer(rig.Group(1), container));
        Assert.Equal((0UL, 0UL), (rig.Kernel.Census().PinnedPages, rig.Kernel.Census().LockedPages));
        Assert.Equal([2], rig.Kernel.Census().Mappings);

        rig.Kernel.Options.MemlockLimit = 3 * Page;
        Assert.Equal((Errno.None, Page), rig.Unmap(container, 0, 0x10_0000, Page));
        Assert.Equal(Errno.ENOMEM, rig.SetContainer(rig.Group(2), container));
    }

    [Fact]
    public void The_last_physical_group_leaves_mediated_mappings_unpinned_and_every_window_open()
    {
        using var rig = new Rig();
        var (container, groups) = rig.Ready(7, 1);
        Assert.Equal(Errno.None, rig.Map(container, Rig.ReadWrite, rig.Memory(4 * Page), 0, 4 * Page));
        Assert.Equal(4UL, rig.Kernel.Census().LockedPages);
        Assert.Equal(Errno.None, rig.UnsetContainer(groups[1]));
        Assert.Equal([1], rig.Kernel.Census().Mappings);
        Assert.Equal((0UL, 0UL), (rig.Kernel.Census().PinnedPages, rig.Kernel.Census().LockedPages));
        Assert.Equal([IovaRange.All], rig.Windows(container)!);
        Assert.Equal(0xffff_ffff_ffff_f000, PageSizes(rig, container));

        Assert.Equal(Errno.None, rig.SetContainer(groups[1], container));
        Assert.Equal(4UL, rig.Kernel.Census().PinnedPages);
        Assert.Equal(Errno.None, rig.UnsetContainer(groups[0]));
        Assert.Equal([1], rig.Kernel.Census().Mappings);
    }

    [Fact]
    [Trait("Requirement", "R2.6")]
    public void A_group_fits_at_set_iommu_or_stays_in_a_container_without_backend()
    {
        using var rig = TwoUnits(IovaRange.FromBounds(0x1_0000_0000_0000, ulong.MaxValue));
        var container = rig.Container();
        var second = rig.Group(2);
        Assert.Equal(Errno.None, rig.SetContainer(rig.Group(1), container));
        Assert.Equal(Errno.None, rig.SetContainer(second, container));
        Assert.Equal(Errno.EINVAL, rig.SetIommu(container, VfioUapi.Type1V2));
        Assert.Equal(2, rig.Kernel.Census().OwnedGroups);
        Assert.Equal(Errno.None, rig.UnsetContainer(second));
        Assert.Equal(Errno.None, rig.SetIommu(container, VfioUapi.Type1V2));
    }

    /// <summary>What stands in the way of group 2 besides the page table that cannot be made: the page table is asked for first.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Requirement", "R2.6")]
    public void A_group_whose_page_table_cannot_be_made_is_refused_even_where_it_could_share_one(bool conflicts)
    {
        using var rig = Holed();
        var (container, _) = rig.Ready(1);
        if (conflicts)
        {
            Assert.Equal(Errno.None, rig.Map(container, Rig.ReadWrite, rig.Memory(Page), Hole.Start.Value, Page));
        }

        var other = rig.Group(2);
        rig.Host.Unit("dmar0").FailDomains(Errno.ENOMEM);
        Assert.Equal(Errno.ENOMEM, rig.SetContainer(other, container));
        Assert.Equal(BelowAndAboveMsi, rig.Windows(container)!);
        Assert.False(rig.Host.Group(2).IsOwned);
        Assert.Equal(conflicts ? Errno.EINVAL : Errno.None, rig.SetContainer(other, container));
    }

    [Fact]
    [Trait("Requirement", "R2.6")]
    public void An_iommu_that_has_no_page_tables_left_refuses_until_it_has()
    {
        using var rig = new Rig();
        var container = rig.Container();
        Assert.Equal(Errno.None, rig.SetContainer(rig.Group(1), container));
        rig.Host.Unit("dmar0").FailDomains(Errno.ENOSPC, int.MaxValue);
        Assert.Equal((Errno.ENOSPC, Errno.ENOSPC), (rig.SetIommu(container, VfioUapi.Type1V2), rig.SetIommu(container, VfioUapi.Type1V2)));
        Assert.Equal(Errno.None, rig.SetContainer(rig.Group(7), rig.Container()));
        rig.Host.Unit("dmar0").FailDomains(Errno.None, 0);
        Assert.Equal(Errno.None, rig.SetIommu(container, VfioUapi.Type1V2));
    }

    [Fact]
    [Trait("Requirement", "R2.7")]
    [Trait("Requirement", "R2.12")]
    public void A_page_that_cannot_be_had_is_the_mediated_containers_until_its_mapping_goes()
    {
        using var rig = new Rig();
        const ulong Bar = 0x7000_0000_0000;
        rig.Kernel.Declare(new HostAddress(Bar), Page, AddressKind.Absent);
        var (container, groups) = rig.Ready(7);
        Assert.Equal(Errno.None, rig.Map(container, Rig.ReadWrite, rig.Memory(4 * Page), 0, 4 * Page));
        Assert.Equal(Errno.None, rig.Map(container, Rig.ReadWrite, Bar, 0xe000_0000, Page));

        // The other order: SET_IOMMU opens a backend in which nothing is mapped, and the map itself fails.
        var (own, _) = rig.Ready(2);
        Assert.Equal(Errno.EFAULT, rig.Map(own, Rig.ReadWrite, Bar, 0xe000_0000, Page));

        var physical = rig.Group(1);
        Assert.Equal(Errno.EFAULT, rig.SetContainer(physical, container));
        Assert.Equal((0u, 1u), (rig.Status(physical) & VfioUapi.GroupContainerSet, rig.Status(physical)));
        Assert.Null(rig.Windows(container));
        Assert.Equal([2], rig.Kernel.Census().Mappings);
        Assert.Equal((Errno.None, Page), rig.Unmap(container, 0, 0xe000_0000, Page));
        Assert.Equal(Errno.None, rig.SetContainer(physical, container));
        Assert.Equal(4UL, rig.Kernel.Census().PinnedPages);
        Assert.Equal(3u, rig.Status(groups[0]));
    }

    private static ulong PageSizes(Rig rig, int container) => System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(rig.Info(container).AsSpan(8));

    private static Rig Holed() => new(host => host
        .Group(1).Device(Rig.NetworkCard, "vfio-pci").Msi()
        .Group(2).Device(Rig.Disk, "vfio-pci").Msi().Reserved(ReservedRegionKind.Reserved, Hole));

    private static Rig TwoUnits(IovaRange second) => new(host => host
        .Unit("dmar0").Unit("dmar1", aperture: second)
        .Group(1).Device(Rig.NetworkCard, "vfio-pci")
        .Group(2).Device(Rig.Disk, "vfio-pci", unit: "dmar1"));
}
