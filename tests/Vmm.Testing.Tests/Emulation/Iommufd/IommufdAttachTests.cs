using Vmm.Iommu.Addressing;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Results;

namespace Vmm.Testing.Tests.Emulation.Iommufd;

/// <summary>Attach, detach, replace, and page tables with and without a user's hand.</summary>
public sealed class IommufdAttachTests
{
    private const ulong Page = IommufdRig.Page;
    private const ulong Max = ulong.MaxValue;
    private const string Third = "0000:03:00.0";

    /// <summary>argsz, flags, target, pasid, errno for a physical device and for a mediated one.</summary>
    [Theory]
    [InlineData(8, 0u, 1u, 0u, 14, 14)]
    [InlineData(11, 0u, 1u, 0u, 22, 22)]
    [InlineData(12, 2u, 1u, 0u, 22, 22)]
    [InlineData(12, 1u, 1u, 0u, 22, 95)]
    [InlineData(16, 1u, 99u, 1u, 2, 95)]
    [InlineData(16, 1u, 1u, 1u, 22, 95)]
    [InlineData(12, 0u, 99u, 0u, 2, 2)]
    [InlineData(12, 0u, 2u, 0u, 22, 2)]
    [InlineData(12, 0u, 1u, 0u, 0, 0)]
    public void Attach_tests_in_the_kernels_order(int size, uint flags, uint target, uint pasid, int physical, int mediated)
    {
        foreach (var (name, errno) in ((string, int)[])[(Rig.NetworkCard, physical), (Rig.Mediated, mediated)])
        {
            using var rig = new IommufdRig();
            rig.Ioas();
            var (cdev, _) = rig.Bound(name);
            var bytes = IommufdRig.Words(flags, target, pasid);
            BitConverter.TryWriteBytes(bytes, size);
            var call = new IoctlCode(VfioUapi.DeviceAttachIommufdPt.Number, "a test's", false);
            Assert.Equal(errno, rig.Kernel.Ioctl(cdev, call, bytes.AsSpan(0, size == 11 ? 12 : size)).Errno.Number);
            Assert.Equal(errno == 0 && name != Rig.Mediated ? 3u : target, IommufdRig.Word(bytes, 8));
        }
    }

    [Fact]
    public void A_page_table_that_attach_made_is_shared_and_goes_with_its_last_device()
    {
        using var rig = new IommufdRig();
        var ioas = rig.Ioas();
        var (first, table) = rig.Attached(Rig.NetworkCard, ioas);
        var (second, shared) = rig.Attached(Rig.Disk, ioas);
        Assert.Equal(table, shared);
        Assert.Equal((1, 2), (rig.Census.PageTables, rig.Census.BoundDevices));
        Assert.Equal((Errno.EBUSY, Errno.EBUSY), (rig.Destroy(table), rig.Destroy(ioas)));
        Assert.Equal(Errno.None, rig.Detach(first));
        Assert.Equal(Errno.EBUSY, rig.Destroy(table));
        Assert.Equal((Errno.None, Errno.None), (rig.Detach(second), rig.Detach(second)));
        Assert.Equal(Errno.ENOENT, rig.Destroy(table));
        Assert.Equal([IovaRange.All], rig.Ranges(ioas).Ranges);
        Assert.Equal(1UL, rig.Ranges(ioas).Alignment);
        Assert.Equal(Errno.None, rig.Destroy(ioas));
    }

    [Fact]
    public void A_page_table_of_the_users_is_never_chosen_and_stays()
    {
        using var rig = new IommufdRig();
        var ioas = rig.Ioas();
        var (cdev, device) = rig.Bound(Rig.NetworkCard);
        var (_, table) = rig.Hwpt(device, ioas);
        Assert.Equal([IovaRange.FromBounds(0, IommufdRig.Top)], rig.Ranges(ioas).Ranges);
        Assert.Equal((Errno.None, table), rig.Attach(cdev, table));
        Assert.Equal(IommufdRig.BelowAndAboveMsi, rig.Ranges(ioas).Ranges);
        Assert.Equal((Errno.None, table + 1), rig.Attach(cdev, ioas));
        Assert.Equal((Errno.None, table + 1), rig.Attach(cdev, ioas));
        Assert.Equal((Errno.None, table), rig.Attach(cdev, table));
        Assert.Equal(Errno.ENOENT, rig.Destroy(table + 1));
        Assert.Equal(Errno.None, rig.Detach(cdev));
        Assert.Equal(Errno.None, rig.Destroy(table));
    }

    /// <summary>Device, target, flags, errno.</summary>
    [Theory]
    [InlineData("device", "ioas", 0u, 0)]
    [InlineData("device", "ioas", 8u, 0)]
    [InlineData("device", "ioas", 1u, 95)]
    [InlineData("device", "ioas", 2u, 95)]
    [InlineData("device", "ioas", 4u, 2)]
    [InlineData("device", "ioas", 5u, 95)]
    [InlineData("device", "ioas", 16u, 95)]
    [InlineData("device", "none", 16u, 22)]
    [InlineData("device", "device", 0u, 22)]
    [InlineData("device", "table", 0u, 95)]
    [InlineData("ioas", "none", 0u, 2)]
    [InlineData("mediated", "ioas", 0u, 2)]
    public void Hwpt_alloc_tests_in_the_kernels_order(string device, string target, uint flags, int errno)
    {
        using var rig = new IommufdRig();
        var ids = new Dictionary<string, uint> { ["ioas"] = rig.Ioas(), ["none"] = 99 };
        ids["device"] = rig.Bound(Rig.NetworkCard).Id;
        ids["mediated"] = rig.Bound(Rig.Mediated).Id;
        ids["table"] = rig.Hwpt(ids["device"], ids["ioas"]).Id;
        Assert.Equal(errno, rig.Hwpt(ids[device], ids[target], flags).Errno.Number);
        Assert.Equal(errno == 0 ? 2 : 1, rig.Census.PageTables);
    }

    /// <summary>What is mapped or allowed, where, what attach says, and what a page table alone says: that pins first.</summary>
    [Theory]
    [InlineData("memory", 0xfee0_0000UL, 98, 0)]
    [InlineData("nothing", 0xfee0_0000UL, 98, 14)]
    [InlineData("memory", 1UL << 50, 98, 98)]
    [InlineData("nothing", 1UL << 50, 98, 98)]
    [InlineData("nothing", 0UL, 14, 14)]
    [InlineData("unaligned", 5UL, 98, 98)]
    [InlineData("allowed", 0xfee0_0000UL, 98, 0)]
    [InlineData("allowed", 1UL << 50, 98, 98)]
    [InlineData("memory", 0UL, 0, 0)]
    [Trait("Requirement", "R2.6")]
    [Trait("Requirement", "R2.7")]
    public void A_conflict_is_told_before_a_page_is_pinned_unless_the_page_table_came_first(string what, ulong iova, int attach, int alloc)
    {
        using var rig = new IommufdRig();
        var ioas = rig.Ioas();
        var (cdev, device) = rig.Bound(Rig.NetworkCard);
        Assert.Equal(Errno.None, what switch
        {
            "memory" => rig.MapAt(ioas, rig.Rig.Memory(4 * Page), 4 * Page, iova),
            "nothing" => rig.MapAt(ioas, 0xdead_0000, Page, iova),
            "unaligned" => rig.MapAt(ioas, 5, 3, iova),
            _ => rig.Allow(ioas, (iova, iova + 0xfff)),
        });
        Assert.Equal(attach, rig.Attach(cdev, ioas).Errno.Number);
        Assert.Equal(attach == 0 ? 4UL : 0, rig.Census.PinnedPages);
        Assert.Equal(attach == 0 ? 1 : 0, rig.Census.PageTables);
        Assert.Equal(Errno.None, rig.Detach(cdev));
        var (errno, table) = rig.Hwpt(device, ioas);
        Assert.Equal(alloc, errno.Number);
        Assert.Equal(alloc == 0 && what == "memory" ? 4UL : 0, rig.Census.PinnedPages);
        if (alloc == 0)
        {
            Assert.Equal(attach, rig.Attach(cdev, table).Errno.Number);
            Assert.Equal(Errno.None, rig.Detach(cdev));
            Assert.Equal(Errno.None, rig.Destroy(table));
        }

        Assert.Equal([IovaRange.All], rig.Ranges(ioas).Ranges);
        Assert.Equal((0UL, 0UL), (rig.Census.PinnedPages, rig.Census.LockedPages));
    }

    [Fact]
    [Trait("Requirement", "R2.5")]
    public void A_group_has_one_page_table_and_moves_as_a_whole()
    {
        using var rig = Shared();
        var (here, there) = (rig.Ioas(), rig.Ioas());
        var (first, table) = rig.Attached(Rig.NetworkCard, here);
        var (second, _) = rig.Bound(Rig.Disk);
        Assert.Equal(Errno.EINVAL, rig.Attach(second, there).Errno);
        Assert.Equal((Errno.None, table), rig.Attach(second, table));
        Assert.Equal((Errno.None, 6u), rig.Attach(first, there));
        Assert.Equal([IovaRange.All], rig.Ranges(here).Ranges);
        Assert.Equal(Errno.None, rig.Detach(first));
        Assert.Equal(IommufdRig.BelowAndAboveMsi, rig.Ranges(there).Ranges);
        Assert.Equal(Errno.EINVAL, rig.Attach(first, here).Errno);
        Assert.Equal(Errno.None, rig.Detach(second));
        Assert.Equal(Errno.None, rig.Attach(first, here).Errno);
    }

    [Fact]
    public void A_move_that_is_refused_changes_nothing()
    {
        using var rig = new IommufdRig();
        var (from, to) = (rig.Ioas(), rig.Ioas());
        var (cdev, table) = rig.Attached(Rig.NetworkCard, from);
        var memory = rig.Rig.Memory(2 * Page);
        Assert.Equal(Errno.None, rig.MapAt(from, memory, Page, 0));
        Assert.Equal(Errno.None, rig.MapAt(to, memory, Page, 0xfee0_0000));
        Assert.Equal(Errno.EADDRINUSE, rig.Attach(cdev, to).Errno);
        Assert.Equal(Errno.None, rig.Unmap(to, 0, Max).Errno);
        Assert.Equal(Errno.None, rig.MapAt(to, 0xdead_0000, Page, 0));
        Assert.Equal(Errno.EFAULT, rig.Attach(cdev, to).Errno);
        Assert.Equal([IovaRange.All], rig.Ranges(to).Ranges);
        Assert.Equal(IommufdRig.BelowAndAboveMsi, rig.Ranges(from).Ranges);
        Assert.Equal(Errno.EBUSY, rig.Destroy(table));
        Assert.True(rig.Kernel.DmaWrite(Rig.NetworkCard, new Iova(0), "x"u8).IsCompleted);
        Assert.Equal((1UL, 1), (rig.Census.PinnedPages, rig.Census.PageTables));
    }

    [Fact]
    [Trait("Requirement", "R0.6")]
    public void What_two_devices_reserve_alike_stays_until_both_are_gone()
    {
        using var rig = new IommufdRig(host => host
            .Group(1).Device(Rig.NetworkCard, "vfio-pci").Msi()
            .Group(2).Device(Rig.Disk, "vfio-pci").Msi().Reserved(ReservedRegionKind.Reserved, IovaRange.FromBounds(0x4000_0000, 0x4fff_ffff)));
        var ioas = rig.Ioas();
        var (first, _) = rig.Attached(Rig.NetworkCard, ioas);
        var (second, _) = rig.Attached(Rig.Disk, ioas);
        Assert.Equal(
            [IovaRange.FromBounds(0, 0x3fff_ffff), IovaRange.FromBounds(0x5000_0000, 0xfedf_ffff), IovaRange.FromBounds(0xfef0_0000, IommufdRig.Top)],
            rig.Ranges(ioas).Ranges);
        Assert.Equal(Errno.EINVAL, rig.MapAt(ioas, 0, Page, 0x4000_0000));
        Assert.Equal(Errno.None, rig.Detach(second));
        Assert.Equal(IommufdRig.BelowAndAboveMsi, rig.Ranges(ioas).Ranges);
        Assert.Equal(Errno.None, rig.Detach(first));
        Assert.Equal([IovaRange.All], rig.Ranges(ioas).Ranges);
    }

    [Fact]
    public void Units_that_differ_have_page_tables_of_their_own_in_one_ioas()
    {
        using var rig = new IommufdRig(host => host
            .Unit("dmar0").Unit("dmar1", aperture: IovaRange.FromBounds(0, 0x7f_ffff_ffff)).Unit("dmar2", pageSizes: 0x10000)
            .Group(1).Device(Rig.NetworkCard, "vfio-pci")
            .Group(2).Device(Rig.Disk, "vfio-pci", unit: "dmar1")
            .Group(3).Device(Third, "vfio-pci", unit: "dmar2"));
        var ioas = rig.Ioas();
        var (_, table) = rig.Attached(Rig.NetworkCard, ioas);
        Assert.Equal(Errno.None, rig.MapAt(ioas, rig.Rig.Memory(Page), Page, 0x80_0000_0000));
        var (second, _) = rig.Bound(Rig.Disk);
        Assert.Equal(Errno.EADDRINUSE, rig.Attach(second, ioas).Errno);
        Assert.Equal(Errno.EINVAL, rig.Attach(second, table).Errno);
        Assert.Equal(Errno.None, rig.Unmap(ioas, 0, Max).Errno);
        Assert.Equal(Errno.None, rig.Attach(second, ioas).Errno);
        Assert.Equal(2, rig.Census.PageTables);
        Assert.Equal([IovaRange.FromBounds(0, 0x7f_ffff_ffff)], rig.Ranges(ioas).Ranges);
        var (third, _) = rig.Bound(Third);
        Assert.Equal(Errno.EINVAL, rig.Attach(third, rig.Ioas()).Errno);
        rig.Kernel.Host.Unit("dmar2").FailDomains(Errno.ENOMEM);
        Assert.Equal(Errno.ENOMEM, rig.Attach(third, ioas).Errno);
    }

    private static IommufdRig Shared() =>
        new(host => host.Group(1).Device(Rig.NetworkCard, "vfio-pci").Device(Rig.Disk, "vfio-pci").Msi());
}
