using System.Buffers.Binary;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Results;
using Vmm.Testing.Emulation;

namespace Vmm.Testing.Tests.Emulation;

public sealed class PersonalityTests
{
    private const ulong Page = 0x1000;
    private const ulong TopPage = ulong.MaxValue - Page + 1;
    private const string Sibling = "0000:01:00.1";

    public static TheoryData<string> Old => ["4.10", "4.17"];

    public static TheoryData<string> New => ["6.2", "7.2"];

    public static TheoryData<string> Every => ["4.10", "4.17", "6.2", "7.2"];

    [Fact]
    public void There_is_one_for_each_kernel_that_the_requirements_name() =>
        Assert.Equal(["4.10", "4.17", "6.2", "7.2"], KernelPersonality.All.Select(linux => linux.Name));

    [Theory, MemberData(nameof(Old))]
    [Trait("Requirement", "R0.2")]
    public void An_old_kernel_tells_page_sizes_and_leaves_the_rest_of_the_answer_alone(string linux)
    {
        using var rig = RigOf(linux);
        var (container, _) = rig.Ready(1);
        var asked = Rig.Struct(64);
        asked.AsSpan(16).Fill(0xa5);
        Assert.True(rig.Kernel.Ioctl(container, VfioUapi.IommuGetInfo, asked).IsOk);

        Assert.Equal((64u, VfioUapi.InfoPageSizes), (BinaryPrimitives.ReadUInt32LittleEndian(asked), BinaryPrimitives.ReadUInt32LittleEndian(asked.AsSpan(4))));
        Assert.Equal(0x40201000UL, BinaryPrimitives.ReadUInt64LittleEndian(asked.AsSpan(8)));
        Assert.All(asked[16..], left => Assert.Equal(0xa5, left));
    }

    [Theory, MemberData(nameof(Old))]
    [Trait("Requirement", "R0.3")]
    [Trait("Requirement", "R0.4")]
    public void An_old_kernel_tests_neither_maps_nor_groups_against_what_is_reserved(string linux)
    {
        using var rig = new Rig(
            host => host
                .Group(1).Device(Rig.NetworkCard, "vfio-pci").Msi()
                .Group(2).Device(Rig.Disk, "vfio-pci").Reserved(ReservedRegionKind.Reserved, IovaRange.FromBounds(0x1000, 0x1fff)),
            Options(linux));
        var (container, _) = rig.Ready(1);

        Assert.Equal(Errno.None, rig.Map(container, Rig.ReadWrite, rig.Memory(2 * Page), 0, 2 * Page));
        Assert.Equal(Errno.None, rig.Map(container, Rig.ReadWrite, rig.Memory(Page), Rig.MsiWindow.Start.Value, Page));
        Assert.Equal(Errno.None, rig.SetContainer(rig.Group(2), container));
        Assert.Null(rig.Windows(container));
        Assert.Equal(DmaFault.InterruptWindow, rig.Kernel.DmaWrite(Rig.NetworkCard, Rig.MsiWindow.Start, "x"u8).Fault);
    }

    [Theory, MemberData(nameof(Old))]
    [Trait("Requirement", "R2.6")]
    public void On_an_old_kernel_the_page_table_refuses_what_lies_outside_the_aperture(string linux)
    {
        using var rig = new Rig(
            host => host.Unit("dmar0", aperture: IovaRange.FromBounds(0, 0xffff_ffff)).Group(1).Device(Rig.NetworkCard, "vfio-pci"), Options(linux));
        var (container, _) = rig.Ready(1);
        Assert.Equal(Errno.ERANGE, rig.Map(container, Rig.ReadWrite, rig.Memory(Page), 0x1_0000_0000, Page));
        Assert.Equal((0UL, 0UL), (rig.Kernel.Census().PinnedPages, rig.Kernel.Census().LockedPages));
    }

    [Theory, MemberData(nameof(Every))]
    [Trait("Requirement", "R0.3")]
    public void The_entry_limit_came_after_the_old_kernels(string linux)
    {
        using var rig = new Rig(options: new EmulatedKernelOptions { Personality = Of(linux), DmaEntryLimit = 1 });
        var (container, _) = rig.Ready(1);
        var memory = rig.Memory(2 * Page);
        Assert.Equal(Errno.None, rig.Map(container, Rig.ReadWrite, memory, 0, Page));
        var isLimited = linux is "6.2" or "7.2";
        Assert.Equal(isLimited ? Errno.ENOSPC : Errno.None, rig.Map(container, Rig.ReadWrite, memory + Page, Page, Page));
    }

    [Theory, MemberData(nameof(Every))]
    [Trait("Requirement", "R0.3")]
    public void A_range_that_wraps_has_its_own_errno_in_the_newest_kernel_alone(string linux)
    {
        using var rig = RigOf(linux);
        var (container, _) = rig.Ready(7);
        var wraps = linux == "7.2" ? Errno.EOVERFLOW : Errno.EINVAL;
        Assert.Equal(wraps, rig.Map(container, Rig.ReadWrite, 0x1000, TopPage, 2 * Page));
        Assert.Equal(wraps, rig.Map(container, Rig.ReadWrite, TopPage, 0, 2 * Page));
        Assert.Equal((wraps, 2 * Page), rig.Unmap(container, 0, TopPage, 2 * Page));
    }

    [Theory, MemberData(nameof(Every))]
    [Trait("Requirement", "R1.1")]
    public void One_kernel_never_unmaps_the_last_page(string linux)
    {
        using var rig = RigOf(linux);
        var (container, _) = rig.Ready(7);
        Assert.Equal(Errno.None, rig.Map(container, Rig.ReadWrite, 0x1000, TopPage, Page));
        Assert.Equal((linux == "4.17" ? Errno.EINVAL : Errno.None, Page), rig.Unmap(container, 0, TopPage, Page));
        Assert.Equal(linux == "4.17" ? [1] : [], rig.Kernel.Census().Mappings);
    }

    [Theory, MemberData(nameof(Every))]
    public void Extensions_and_flags_are_there_from_the_kernel_that_brought_them(string linux)
    {
        using var rig = RigOf(linux);
        var (container, _) = rig.Ready(1);
        var isNew = linux is "6.2" or "7.2";
        Assert.Equal(
            [1, 1, isNew ? 1 : 0, isNew ? 1 : 0],
            new ulong[] { VfioUapi.Type1, VfioUapi.Type1V2, VfioUapi.UnmapAll, VfioUapi.UpdateVaddr }.Select(extension => rig.Extension(container, extension)));
        var unknown = isNew ? Errno.None : Errno.EINVAL;
        Assert.Equal(unknown, rig.Unmap(container, VfioUapi.UnmapFlagAll, 0, 0).Errno);
        Assert.Equal(isNew ? Errno.ENOENT : Errno.EINVAL, rig.Map(container, VfioUapi.MapVaddr, 0x1000, 0, Page));
        Assert.Equal(isNew ? Errno.None : Errno.ENOTTY, rig.Kernel.Ioctl(container, VfioUapi.IommuDirtyPages, Rig.Struct(8, VfioUapi.DirtyStart)).Errno);
        Assert.Equal(isNew ? Errno.EBADFD : Errno.EINVAL, rig.SetContainer(rig.Group(2), rig.Kernel.CreateEvent().Descriptor));
    }

    [Theory, MemberData(nameof(Every))]
    [Trait("Requirement", "R1.8")]
    [Trait("Requirement", "R1.17")]
    public void The_oldest_kernel_does_not_say_what_is_reserved(string linux)
    {
        using var rig = RigOf(linux);
        var read = rig.Kernel.ReadText("kernel/iommu_groups/1/reserved_regions");
        Assert.Equal(linux == "4.10" ? Errno.ENOENT : Errno.None, read.Errno);
        rig.Host.SetReservedRegions(2, Rig.Region(ReservedRegionKind.Reserved, 0, 0xfff));
        Assert.Equal(linux != "4.10", rig.Kernel.ReadText("kernel/iommu_groups/2/reserved_regions").IsOk);
    }

    [Theory, MemberData(nameof(Old))]
    [Trait("Requirement", "R0.19")]
    public void On_an_old_kernel_a_native_driver_in_a_live_group_ends_in_a_bug(string linux)
    {
        using var rig = Pair(linux);
        var (_, groups) = rig.Ready(1);
        Assert.Equal(3u, rig.Status(groups[0]));

        Assert.Equal(Errno.EIO, rig.Host.BindDriver(Sibling, "e1000e").Errno);
        Assert.StartsWith($"BUG: {Sibling}", Assert.Single(rig.Host.KernelMessages), StringComparison.Ordinal);
        Assert.Equal("e1000e", rig.Host.Device(Sibling).Driver);
        Assert.Equal(VfioUapi.GroupContainerSet, rig.Status(groups[0]));
        Assert.Equal(Errno.EINVAL, rig.Device(groups[0], Rig.NetworkCard).Errno);
        Assert.Equal((Errno.EBUSY, Errno.EBUSY), (rig.Host.UnbindDriver(Sibling).Errno, rig.Host.RemoveDevice(Sibling).Errno));
    }

    [Theory, MemberData(nameof(New))]
    [Trait("Requirement", "R0.19")]
    public void A_newer_kernel_refuses_the_native_driver(string linux)
    {
        using var rig = Pair(linux);
        var (_, groups) = rig.Ready(1);
        Assert.Equal(Errno.EBUSY, rig.Host.BindDriver(Sibling, "e1000e").Errno);
        Assert.Empty(rig.Host.KernelMessages);
        Assert.Equal(3u, rig.Status(groups[0]));
    }

    [Theory, MemberData(nameof(Every))]
    [Trait("Requirement", "R0.19")]
    public void A_native_driver_before_the_container_is_met_at_the_claim_or_at_the_device(string linux)
    {
        using var rig = Pair(linux);
        Assert.True(rig.Host.BindDriver(Sibling, "e1000e").IsOk);
        var group = rig.Group(1);
        var container = rig.Container();
        Assert.Equal(0u, rig.Status(group));
        if (linux is "6.2" or "7.2")
        {
            Assert.Equal(Errno.EPERM, rig.SetContainer(group, container));
            return;
        }

        Assert.Equal(Errno.None, rig.SetContainer(group, container));
        Assert.Equal(Errno.None, rig.SetIommu(container, VfioUapi.Type1V2));
        Assert.Equal(Errno.EINVAL, rig.Device(group, Rig.NetworkCard).Errno);
        Assert.True(rig.Host.UnbindDriver(Sibling).IsOk);
        Assert.Equal(3u, rig.Status(group));
        Assert.True(rig.Device(group, Rig.NetworkCard).IsOk);
    }

    /// <summary>Kernel, whether the late member is PCI Express, and how its DMA ends.</summary>
    public static TheoryData<string, bool, DmaFault> LateMembers => new()
    {
        { "4.10", true, DmaFault.OutsideDomain },
        { "4.10", false, DmaFault.None },
        { "4.17", true, DmaFault.OutsideDomain },
        { "4.17", false, DmaFault.None },
        { "6.2", true, DmaFault.None },
        { "7.2", true, DmaFault.None },
        { "7.2", false, DmaFault.None },
    };

    [Theory, MemberData(nameof(LateMembers))]
    [Trait("Requirement", "R0.18")]
    public void A_late_member_is_in_the_domain_or_reaches_it_through_its_bridge_or_faults(string linux, bool isExpress, DmaFault fault)
    {
        using var rig = RigOf(linux);
        var (container, groups) = rig.Ready(1);
        Assert.Equal(Errno.None, rig.Map(container, Rig.ReadWrite, rig.Memory(Page), 0, Page));
        rig.Host.AddDevice(new PciDeviceSpec(Sibling) { IsExpress = isExpress, Driver = "vfio-pci" }, 1);

        Assert.Equal(fault, rig.Kernel.DmaWrite(Sibling, new(0), "late"u8).Fault);
        Assert.Equal(DmaFault.None, rig.Kernel.DmaWrite(Rig.NetworkCard, new(0), "early"u8).Fault);
        Assert.Equal(linux is "4.10" or "4.17", rig.Host.KernelMessages.Any(message => message.Contains("added to live group 1", StringComparison.Ordinal)));

        // The next container takes the group with all its members.
        Assert.Equal(Errno.None, rig.UnsetContainer(groups[0]));
        Assert.Equal(Errno.None, rig.SetContainer(groups[0], container));
        Assert.Equal(Errno.None, rig.SetIommu(container, VfioUapi.Type1V2));
        Assert.Equal(Errno.None, rig.Map(container, Rig.ReadWrite, rig.Memory(Page), 0, Page));
        Assert.Equal(DmaFault.None, rig.Kernel.DmaWrite(Sibling, new(0), "late"u8).Fault);
    }

    [Theory, MemberData(nameof(Every))]
    [Trait("Requirement", "R1.2")]
    public void A_direct_region_is_refused_by_the_claim_or_by_the_iommus_driver(string linux)
    {
        using var rig = new Rig(
            host => host.Group(1).Device(Rig.NetworkCard, "vfio-pci").Reserved(ReservedRegionKind.Direct, IovaRange.FromBounds(0xe8000, 0xe8fff)),
            Options(linux));
        var (group, container) = (rig.Group(1), rig.Container());
        var isNew = linux is "6.2" or "7.2";
        Assert.Equal(isNew ? Errno.EINVAL : Errno.None, rig.SetContainer(group, container));
        Assert.Equal(isNew ? Errno.EINVAL : Errno.EPERM, rig.SetIommu(container, VfioUapi.Type1V2));
    }

    private static KernelPersonality Of(string name) => KernelPersonality.All.Single(linux => linux.Name == name);

    private static EmulatedKernelOptions Options(string linux) => new() { Personality = Of(linux) };

    private static Rig RigOf(string linux) => new(options: Options(linux));

    private static Rig Pair(string linux) => new(
        host => host.Group(1).Device(Rig.NetworkCard, "vfio-pci").Msi().Device(Sibling), Options(linux));
}
