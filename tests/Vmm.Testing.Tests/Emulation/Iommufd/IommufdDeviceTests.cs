using Vmm.Iommu.Addressing;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Results;
using Vmm.Testing.Emulation;

namespace Vmm.Testing.Tests.Emulation.Iommufd;

/// <summary>Bind, and what the object of a device answers.</summary>
public sealed class IommufdDeviceTests
{
    /// <summary>argsz, flags, what the descriptor is, trailing byte, errno: each check with what comes after it wrong as well.</summary>
    [Theory]
    [InlineData(12, 4u, "none", false, 14)]
    [InlineData(15, 4u, "none", false, 22)]
    [InlineData(32, 4u, "none", true, 7)]
    [InlineData(32, 4u, "none", false, 22)]
    [InlineData(16, 0u, "negative", false, 22)]
    [InlineData(24, 1u, "none", false, 14)]
    [InlineData(16, 0u, "none", false, 9)]
    [InlineData(16, 0u, "event", false, 77)]
    [InlineData(16, 0u, "memory", false, 77)]
    [InlineData(16, 0u, "iommufd", false, 0)]
    [InlineData(32, 0u, "iommufd", false, 0)]
    public void Bind_tests_in_the_kernels_order(int size, uint flags, string what, bool hasTail, int errno)
    {
        using var rig = new IommufdRig();
        var cdev = rig.Cdev(Rig.NetworkCard);
        var descriptor = what switch
        {
            "negative" => -2,
            "event" => Rig.Good(rig.Kernel.CreateEvent()).Descriptor,
            "memory" => Rig.Good(rig.Kernel.CreateMemfd("test", 4096)).Descriptor,
            "iommufd" => rig.File,
            _ => 9999,
        };
        var bytes = new byte[Math.Max(size, 16)];
        BitConverter.TryWriteBytes(bytes, size);
        BitConverter.TryWriteBytes(bytes.AsSpan(4), flags);
        BitConverter.TryWriteBytes(bytes.AsSpan(8), descriptor);
        bytes[^1] = (byte)(hasTail ? 1 : bytes[^1]);
        var call = new IoctlCode(VfioUapi.DeviceBindIommufd.Number, "a test's", false);
        Assert.Equal(errno, rig.Kernel.Ioctl(cdev, call, bytes.AsSpan(0, Math.Min(bytes.Length, Math.Max(size, size == 15 ? 16 : size)))).Errno.Number);
        Assert.Equal(errno == 0 ? 1u : 0, BitConverter.ToUInt32(bytes, 12));
        Assert.Equal(errno == 0, rig.Kernel.Host.Group(1).IsOwned);
    }

    [Fact]
    public void Before_the_bind_a_node_answers_nothing_else()
    {
        using var rig = new IommufdRig();
        var cdev = rig.Cdev(Rig.NetworkCard);
        Assert.Equal(Errno.EINVAL, rig.Kernel.Ioctl(cdev, VfioUapi.DeviceGetInfo, Rig.Struct(24)).Errno);
        Assert.Equal(Errno.EINVAL, rig.Kernel.Ioctl(cdev, new IoctlCode(1, "nonsense", false), 0).Errno);
        Assert.Equal(Errno.EINVAL, rig.Attach(cdev, rig.Ioas()).Errno);
        Assert.Equal(Errno.EINVAL, rig.Kernel.Map(0x1000, MappingProtection.ReadWrite, MappingSharing.Shared, cdev, 0).Errno);
        Assert.Equal(Errno.None, rig.Bind(cdev).Errno);
        Assert.True(rig.Kernel.Ioctl(cdev, VfioUapi.DeviceGetInfo, Rig.Struct(24)).IsOk);
        Assert.Equal(Errno.ENOTTY, rig.Kernel.Ioctl(cdev, new IoctlCode(1, "nonsense", false), 0).Errno);
    }

    [Fact]
    public void A_device_is_bound_once_and_its_group_and_nodes_exclude_each_other()
    {
        using var rig = new IommufdRig();
        var group = rig.Rig.Group(1);
        var (cdev, second) = (rig.Cdev(Rig.NetworkCard), rig.Cdev(Rig.NetworkCard));
        Assert.Equal(Errno.EBUSY, rig.Bind(cdev).Errno);
        Rig.Good(rig.Kernel.Close(group));
        Assert.Equal(Errno.None, rig.Bind(cdev).Errno);
        Assert.Equal(Errno.EINVAL, rig.Bind(cdev).Errno);
        Assert.Equal(Errno.EINVAL, rig.Bind(cdev, 9999).Errno);
        Assert.Equal(Errno.EINVAL, rig.Bind(second).Errno);
        Assert.Equal(Errno.EBADF, rig.Bind(second, 9999).Errno);
        Assert.Equal(Errno.EBUSY, rig.Kernel.Open("/dev/vfio/1").Errno);
        Rig.Good(rig.Kernel.Close(cdev));
        Assert.Equal(Errno.None, rig.Bind(second).Errno);
    }

    /// <summary>What stands in the way, and what BIND says to it.</summary>
    [Theory]
    [InlineData("nothing", 0)]
    [InlineData("another iommufd", 1)]
    [InlineData("a driver in the group", 1)]
    [InlineData("firmware's mapping", 22)]
    [InlineData("interrupts", 1)]
    [Trait("Requirement", "R2.5")]
    public void Bind_claims_the_dma_of_the_group(string obstacle, int errno)
    {
        using var rig = new IommufdRig(host => host
            .Unit("dmar0", isolatedMsi: obstacle != "interrupts")
            .Group(1).Device(Rig.NetworkCard, "vfio-pci").Device(Rig.Disk, obstacle == "a driver in the group" ? "nvme" : "vfio-pci").Msi());
        if (obstacle == "firmware's mapping")
        {
            rig.Kernel.Host.SetReservedRegions(1, Rig.Region(ReservedRegionKind.Direct, 0x1000, 0x1fff));
        }

        if (obstacle == "another iommufd")
        {
            Assert.Equal(Errno.None, rig.Bind(rig.Cdev(Rig.Disk), rig.Rig.Open("/dev/iommu")).Errno);
        }

        Assert.Equal(errno, rig.Bind(rig.Cdev(Rig.NetworkCard)).Errno.Number);
        rig.Kernel.Options.AllowUnsafeInterruptsOfIommufd = true;
        Assert.Equal(obstacle == "interrupts", rig.Bind(rig.Cdev(Rig.NetworkCard)).Errno.IsNone);
    }

    [Fact]
    public void A_container_and_an_iommufd_exclude_each_other_by_the_group()
    {
        using var rig = new IommufdRig(TwoInOneGroup);
        var (cdev, _) = rig.Bound(Rig.NetworkCard);
        Assert.Equal(Errno.EBUSY, rig.Kernel.Open("/dev/vfio/1").Errno);
        Rig.Good(rig.Kernel.Close(cdev));
        var group = rig.Rig.Group(1);
        Assert.Equal(Errno.None, rig.Rig.SetContainer(group, rig.Rig.Container()));
        Assert.Equal(Errno.EBUSY, rig.Bind(rig.Cdev(Rig.Disk)).Errno);
    }

    [Fact]
    public void The_object_of_a_device_cannot_be_destroyed_and_goes_with_its_last_descriptor_and_bar()
    {
        using var rig = new IommufdRig();
        var (cdev, id) = rig.Bound(Rig.NetworkCard);
        Assert.Equal(Errno.EBUSY, rig.Destroy(id));
        var bar = (ulong)Rig.Good(rig.Kernel.Map(0x1000, MappingProtection.ReadWrite, MappingSharing.Shared, cdev, 0)).Value;
        Rig.Good(rig.Kernel.Close(cdev));
        Assert.Equal(Errno.EBUSY, rig.Destroy(id));
        Assert.Equal(Errno.EBUSY, rig.Kernel.Open("/dev/vfio/1").Errno);
        Rig.Good(rig.Kernel.Unmap(new HostAddress(bar), 0x1000));
        Assert.Equal(Errno.ENOENT, rig.Destroy(id));
        rig.Rig.Group(1);
    }

    /// <summary>Device id, flags, requested type, room, errno, type told, length told.</summary>
    [Theory]
    [InlineData("device", 0u, 0u, 0u, 0, 1u, 24u)]
    [InlineData("device", 0u, 7u, 8u, 0, 1u, 24u)]
    [InlineData("device", 0u, 0u, 64u, 0, 1u, 24u)]
    [InlineData("device", 1u, 1u, 24u, 0, 1u, 24u)]
    [InlineData("device", 1u, 2u, 24u, 95, 2u, 24u)]
    [InlineData("device", 2u, 0u, 24u, 95, 0u, 24u)]
    [InlineData("ioas", 0u, 0u, 24u, 2, 0u, 24u)]
    [InlineData("none", 2u, 0u, 24u, 95, 0u, 24u)]
    public void Hardware_information_is_the_iommus(string what, uint flags, uint type, uint room, int errno, uint told, uint length)
    {
        using var rig = new IommufdRig();
        var (_, device) = rig.Bound(Rig.NetworkCard);
        var ioas = rig.Ioas();
        var id = what switch { "device" => device, "ioas" => ioas, _ => 99u };
        var buffer = new byte[room];
        Array.Fill(buffer, (byte)0xff);
        var bytes = IommufdRig.Words(flags, id, room, 0, 0, type, 0, 0, 0);
        Assert.Equal(errno, rig.Kernel.Ioctl(rig.File, IommufdUapi.GetHwInfo, bytes, 16, buffer).Errno.Number);
        Assert.Equal((told, length), (IommufdRig.Word(bytes, 24), IommufdRig.Word(bytes, 12)));
        Assert.All(buffer.Skip(24), value => Assert.Equal(0, value));
        Assert.Equal(errno == 0 ? IommufdUapi.HwCapAtsNotSupported : 0, IommufdRig.Long(bytes, 32));
    }

    [Fact]
    public void A_device_that_is_pulled_out_goes_when_its_nodes_are_closed()
    {
        using var rig = new IommufdRig();
        var bound = rig.Attached(Rig.NetworkCard, rig.Ioas()).Cdev;
        var idle = rig.Cdev(Rig.NetworkCard);
        Rig.Good(rig.Kernel.Host.RemoveDevice(Rig.NetworkCard));
        Assert.Equal(Errno.ENOENT, rig.Kernel.Open("/dev/vfio/devices/vfio0").Errno);
        Rig.Good(rig.Kernel.Close(bound));
        Assert.True(rig.Kernel.Host.TryDevice(Rig.NetworkCard, out _));
        Rig.Good(rig.Kernel.Close(idle));
        Assert.False(rig.Kernel.Host.TryDevice(Rig.NetworkCard, out _));
    }

    private static void TwoInOneGroup(EmulatedHostBuilder host) =>
        host.Group(1).Device(Rig.NetworkCard, "vfio-pci").Device(Rig.Disk, "vfio-pci").Msi();
}
