using System.Buffers.Binary;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;
using Vmm.Testing.Emulation;

namespace Vmm.Testing.Tests.Emulation.Iommufd;

/// <summary>An iommufd in the place of a container: the group's way to it, and a type1 container's requests.</summary>
public sealed class IommufdCompatTests
{
    private const ulong Page = IommufdRig.Page;
    private const ulong Max = ulong.MaxValue;

    [Fact]
    public void Without_an_ioas_requests_of_a_container_answer_that_there_is_none()
    {
        using var rig = new IommufdRig();
        Assert.Equal(Errno.ENODEV, rig.VfioIoas(IommufdUapi.VfioIoasGet).Errno);
        Assert.Equal((22, 22, 19, 19), (SetIommu(rig, 7), SetIommu(rig, 8), SetIommu(rig, 1), SetIommu(rig, 3)));
        Assert.Equal(Errno.EINVAL, Map(rig, 4, 0, Page, 0));
        Assert.Equal(Errno.ENODEV, Map(rig, 3, 0, Page, 0));
        Assert.Equal((Errno.EINVAL, Page), Unmap(rig, 1, 0, Page));
        Assert.Equal((Errno.ENODEV, Page), Unmap(rig, 0, 0, Page));
        Assert.Equal(Errno.ENODEV, rig.Kernel.Ioctl(rig.File, VfioUapi.IommuGetInfo, Rig.Struct(24)).Errno);
        Assert.Equal([0, 1, 0, 1, -19, 0, 0, 0, 1, 1, 0], Extensions(rig));
        Assert.Equal(Errno.ENOENT, rig.VfioIoas(IommufdUapi.VfioIoasSet, 9).Errno);
        Assert.Equal(Errno.EOPNOTSUPP, rig.VfioIoas(3).Errno);
        var ioas = rig.Ioas();
        Assert.Equal(Errno.None, rig.VfioIoas(IommufdUapi.VfioIoasSet, ioas).Errno);
        Assert.Equal((Errno.None, ioas), rig.VfioIoas(IommufdUapi.VfioIoasGet));
        Assert.Equal([0, 1, 0, 1, 1, 0, 0, 0, 1, 1, 0], Extensions(rig));
        Assert.Equal(Errno.None, rig.VfioIoas(IommufdUapi.VfioIoasClear).Errno);
        Assert.Equal(Errno.ENODEV, rig.VfioIoas(IommufdUapi.VfioIoasGet).Errno);
        Assert.Equal(Errno.None, rig.VfioIoas(IommufdUapi.VfioIoasSet, ioas).Errno);
        Assert.Equal(Errno.None, rig.Destroy(ioas));
        Assert.Equal(Errno.ENODEV, rig.VfioIoas(IommufdUapi.VfioIoasGet).Errno);
    }

    [Fact]
    [Trait("Requirement", "R1.1")]
    public void A_group_takes_an_iommufd_and_its_devices_are_attached_when_they_are_opened()
    {
        using var rig = new IommufdRig();
        var group = rig.Rig.Group(1);
        Assert.Equal(Errno.None, rig.Rig.SetContainer(group, rig.File));
        Assert.Equal((Errno.None, 1u), rig.VfioIoas(IommufdUapi.VfioIoasGet));
        Assert.Equal((3u, false), (rig.Rig.Status(group), rig.Kernel.Host.Group(1).IsOwned));
        Assert.Equal(Errno.EINVAL, rig.Rig.SetContainer(group, rig.File));
        var device = Rig.Good(rig.Rig.Device(group, Rig.NetworkCard)).Descriptor;
        Assert.Equal(IommufdRig.BelowAndAboveMsi, rig.Ranges(1).Ranges);
        Assert.Equal(Errno.EINVAL, rig.Bind(device).Errno);
        Assert.Equal(Errno.ENOTTY, rig.Attach(device, 1).Errno);
        Assert.Equal(Errno.EBUSY, rig.Bind(rig.Cdev(Rig.NetworkCard)).Errno);
        Assert.Equal((0, 0, 0), (SetIommu(rig, 3), SetIommu(rig, 3), SetIommu(rig, 1)));
        var memory = rig.Rig.Memory(4 * Page);
        Assert.Equal(Errno.None, Map(rig, 3, memory, 4 * Page, 0));
        Assert.True(rig.Kernel.DmaWrite(Rig.NetworkCard, new Iova(0x1000), "x"u8).IsCompleted);

        // KERNEL: the iommufd is let go while the device is open, which stays bound and attached.
        Assert.Equal(Errno.None, rig.Rig.UnsetContainer(group));
        Assert.Equal(0u, rig.Rig.Status(group));
        Assert.True(rig.Kernel.DmaWrite(Rig.NetworkCard, new Iova(0x1000), "y"u8).IsCompleted);
        Assert.Equal(Errno.EPERM, rig.Rig.SetContainer(group, rig.Rig.Container()));
        Rig.Good(rig.Kernel.Close(device));
        Assert.Equal((1u, 0UL), (rig.Rig.Status(group), rig.Census.PinnedPages));
        Assert.Equal(Errno.None, rig.Rig.SetContainer(group, rig.Rig.Container()));
    }

    [Fact]
    public void A_group_that_is_not_viable_shows_it_when_a_device_is_opened()
    {
        using var rig = new IommufdRig(host => host
            .Group(1).Device(Rig.NetworkCard, "vfio-pci").Device(Rig.Disk, "nvme").Msi()
            .Group(2).Device("0000:03:00.0", "vfio-pci").Msi());
        var group = rig.Rig.Group(1);
        Assert.Equal(Errno.None, rig.Rig.SetContainer(group, rig.File));
        Assert.Equal(3u, rig.Rig.Status(group));
        Assert.Equal(Errno.EPERM, rig.Rig.Device(group, Rig.NetworkCard).Errno);
        var other = rig.Rig.Group(2);
        Assert.Equal(Errno.None, rig.Rig.SetContainer(other, rig.File));
        Assert.Equal(Errno.None, rig.VfioIoas(IommufdUapi.VfioIoasClear).Errno);
        Assert.Equal(Errno.ENODEV, rig.Rig.Device(other, "0000:03:00.0").Errno);
        Assert.Equal((0, false), (rig.Census.BoundDevices, rig.Kernel.Host.Group(2).IsOwned));
    }

    /// <summary>SET_IOMMU's type, flags, IOVA and size of an unmap from four pages at 0, errno, size told; with type1 any part goes.</summary>
    [Theory]
    [InlineData(3ul, 0u, 0UL, 4 * Page, 0, 4 * Page)]
    [InlineData(3ul, 0u, 0UL, Page, 2, 0UL)]
    [InlineData(3ul, 0u, 8 * Page, Page, 0, 0UL)]
    [InlineData(3ul, 0u, 0UL, 0UL, 22, 0UL)]
    [InlineData(3ul, 0u, Max, 2UL, 75, 0UL)]
    [InlineData(3ul, 2u, 0UL, 0UL, 0, 4 * Page)]
    [InlineData(3ul, 2u, 0UL, Page, 22, Page)]
    [InlineData(3ul, 4u, 0UL, Page, 22, Page)]
    [InlineData(1ul, 0u, Page, Page, 0, Page)]
    [InlineData(1ul, 0u, 0UL, Page, 0, Page)]
    [InlineData(1ul, 0u, 3 * Page, 4 * Page, 0, Page)]
    [InlineData(1ul, 0u, 5UL, Page, 22, Page)]
    public void Unmap_tells_its_size_on_every_way_out_and_type1_cuts(ulong type, uint flags, ulong iova, ulong size, int errno, ulong told)
    {
        using var rig = new IommufdRig();
        var group = rig.Rig.Group(1);
        Assert.Equal(Errno.None, rig.Rig.SetContainer(group, rig.File));
        Rig.Good(rig.Rig.Device(group, Rig.NetworkCard));
        Assert.Equal(0, SetIommu(rig, type));
        Assert.Equal(Errno.None, Map(rig, 3, rig.Rig.Memory(4 * Page), 4 * Page, 0));
        Assert.Equal((errno, told), Unmap(rig, flags, iova, size) is var (outcome, length) ? (outcome.Number, length) : default);
        var gone = errno == 0 ? told / Page : 0;
        Assert.Equal((4 - gone, 4 - gone), (rig.Census.PinnedPages, rig.Census.LockedPages));
        Assert.Equal(Errno.None, Unmap(rig, 2, 0, 0).Errno);
        Assert.Equal((0UL, 0UL), (rig.Census.PinnedPages, rig.Census.LockedPages));
    }

    /// <summary>Room in the buffer, and the 32-bit words after the page sizes that come back; 0xaaaaaaaa is untouched.</summary>
    [Theory]
    [InlineData(16, new uint[] { })]
    [InlineData(24, new uint[] { 0, 0 })]
    [InlineData(32, new uint[] { 0, 0, 0xaaaaaaaa, 0xaaaaaaaa })]
    [InlineData(36, new uint[] { 0, 0, 0x10003, 0, 0xffffffff })]
    [InlineData(40, new uint[] { 0, 0, 0x10003, 40, 0xffffffff, 0xaaaaaaaa })]
    [InlineData(56, new uint[] { 0, 0, 0x10003, 40, 0xffffffff, 0xaaaaaaaa, 0xaaaaaaaa, 0xaaaaaaaa, 0xaaaaaaaa, 0xaaaaaaaa })]
    [InlineData(72, new uint[] { 0, 0, 0x10003, 40, 0xffffffff, 0xaaaaaaaa, 0xaaaaaaaa, 0xaaaaaaaa, 0xaaaaaaaa, 0xaaaaaaaa, 0, 0, 0xfedfffff, 0 })]
    [InlineData(88, new uint[] { 24, 0, 0x10003, 40, 0xffffffff, 0xaaaaaaaa, 0x10001, 0, 2, 0, 0, 0, 0xfedfffff, 0, 0xfef00000, 0, 0xffffffff, 0xffff })]
    public void Information_is_written_as_far_as_there_is_room(int room, uint[] words)
    {
        using var rig = new IommufdRig();
        var group = rig.Rig.Group(1);
        Assert.Equal(Errno.None, rig.Rig.SetContainer(group, rig.File));
        Rig.Good(rig.Rig.Device(group, Rig.NetworkCard));
        var bytes = new byte[room];
        Array.Fill(bytes, (byte)0xaa);
        BinaryPrimitives.WriteInt32LittleEndian(bytes, room);
        Assert.True(rig.Kernel.Ioctl(rig.File, VfioUapi.IommuGetInfo, bytes).IsOk);
        Assert.Equal((88u, 3u, 0x40201000UL), (IommufdRig.Word(bytes, 0), IommufdRig.Word(bytes, 4), IommufdRig.Long(bytes, 8)));
        Assert.Equal(words, Enumerable.Range(4, (room / 4) - 4).Select(index => IommufdRig.Word(bytes, index * 4)));
    }

    [Fact]
    public void Page_sizes_without_a_page_table_are_all_from_the_page_on()
    {
        using var rig = new IommufdRig();
        Assert.Equal(Errno.None, rig.VfioIoas(IommufdUapi.VfioIoasSet, rig.Ioas()).Errno);
        var bytes = Rig.Struct(24);
        Assert.True(rig.Kernel.Ioctl(rig.File, VfioUapi.IommuGetInfo, bytes).IsOk);
        Assert.Equal(0xffff_ffff_ffff_f000, IommufdRig.Long(bytes, 8));
        Assert.Equal(Errno.EINVAL, rig.Kernel.Ioctl(rig.File, VfioUapi.IommuGetInfo, Sized(15)).Errno);
    }

    /// <summary>A map that lets devices do nothing is refused by a page table, after its pages are there.</summary>
    [Fact]
    public void A_map_without_rights_lasts_until_there_is_a_page_table()
    {
        using var rig = new IommufdRig();
        Assert.Equal(Errno.None, rig.VfioIoas(IommufdUapi.VfioIoasSet, rig.Ioas()).Errno);
        Assert.Equal(Errno.None, Map(rig, 0, rig.Rig.Memory(Page), Page, 0));
        var (cdev, _) = rig.Bound(Rig.NetworkCard);
        Assert.Equal(Errno.EINVAL, rig.Attach(cdev, 1).Errno);
        Assert.Equal(Errno.None, Unmap(rig, 2, 0, 0).Errno);
        Assert.Equal(Errno.None, rig.Attach(cdev, 1).Errno);
        Assert.Equal(Errno.EFAULT, Map(rig, 0, 0xdead_0000, Page, 0));
        Assert.Equal(Errno.EINVAL, Map(rig, 0, rig.Rig.Memory(Page), Page, 0));
        Assert.Equal((0UL, 0UL), (rig.Census.PinnedPages, rig.Census.LockedPages));
    }

    /// <summary>A device in a container holds the group's file; one that an iommufd has does not.</summary>
    [Theory]
    [InlineData(false, 16)]
    [InlineData(true, 0)]
    public void A_group_can_be_opened_anew_while_an_iommufd_has_its_device(bool byIommufd, int reopened)
    {
        using var rig = new IommufdRig();
        var (container, first) = byIommufd ? (rig.File, rig.Rig.Group(1)) : Joined(rig.Rig.Ready(1));
        if (byIommufd)
        {
            Assert.Equal(Errno.None, rig.Rig.SetContainer(first, container));
        }

        var device = Rig.Good(rig.Rig.Device(first, Rig.NetworkCard)).Descriptor;
        Rig.Good(rig.Kernel.Close(first));
        var again = rig.Kernel.Open("/dev/vfio/1");
        Assert.Equal(reopened, again.Errno.Number);
        if (byIommufd)
        {
            // Nothing of the first file is left: it is in no container, and takes one again.
            Assert.Equal(Errno.EINVAL, rig.Rig.UnsetContainer(again.Descriptor));
            Assert.Equal(Errno.EINVAL, rig.Rig.Device(again.Descriptor, Rig.NetworkCard).Errno);
            Assert.Equal(Errno.None, rig.Rig.SetContainer(again.Descriptor, container));
            Rig.Good(rig.Kernel.Close(Rig.Good(rig.Rig.Device(again.Descriptor, Rig.NetworkCard)).Descriptor));
        }

        Rig.Good(rig.Kernel.Close(device));
        Assert.Equal(byIommufd ? Errno.EBUSY : Errno.None, rig.Kernel.Open("/dev/vfio/1").Errno);
    }

    [Fact]
    public void A_group_without_an_iommu_and_one_with_exclude_each_other()
    {
        using var rig = new IommufdRig();
        rig.Kernel.Host.AllowsUnsafeNoIommu = true;
        rig.Kernel.Host.AddDeviceWithoutIommu(new PciDeviceSpec("0000:09:00.0") { Driver = "vfio-pci" });
        var bare = rig.Rig.Open($"/dev/vfio/noiommu-{rig.Kernel.Host.Device("0000:09:00.0").Group!.Id}");
        Assert.Equal(Errno.None, rig.Rig.SetContainer(bare, rig.File));
        Assert.Equal((0, 22, 22), (SetIommu(rig, 8), SetIommu(rig, 1), SetIommu(rig, 3)));
        Assert.Equal([0, 0, 0, 0, -19, 0, 0, 0, 1, 0, 0], Extensions(rig));
        Assert.Equal(Errno.EINVAL, rig.Rig.SetContainer(rig.Rig.Group(1), rig.File));
        Rig.Good(rig.Rig.Device(bare, "0000:09:00.0"));

        rig.File = rig.Rig.Open("/dev/iommu");
        Assert.Equal(Errno.None, rig.Rig.SetContainer(rig.Rig.Group(2), rig.File));
        Assert.Equal(Errno.None, rig.Rig.UnsetContainer(bare));
        Assert.Equal(Errno.EINVAL, rig.Rig.SetContainer(bare, rig.File));
    }

    private static (int Container, int Group) Joined((int Container, int[] Groups) ready) => (ready.Container, ready.Groups[0]);

    private static int SetIommu(IommufdRig rig, ulong type) => rig.Kernel.Ioctl(rig.File, VfioUapi.SetIommu, type).Errno.Number;

    private static int[] Extensions(IommufdRig rig) =>
        [.. Enumerable.Range(0, 11).Select(extension => rig.Kernel.Ioctl(rig.File, VfioUapi.CheckExtension, (ulong)extension)).Select(answer => answer.IsOk ? (int)answer.Value : -answer.Errno.Number)];

    private static Errno Map(IommufdRig rig, uint flags, ulong address, ulong size, ulong iova) => rig.Rig.Map(rig.File, flags, address, iova, size);

    private static (Errno Errno, ulong Size) Unmap(IommufdRig rig, uint flags, ulong iova, ulong size) => rig.Rig.Unmap(rig.File, flags, iova, size);

    private static byte[] Sized(int size)
    {
        var bytes = new byte[24];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, size);
        return bytes;
    }
}
