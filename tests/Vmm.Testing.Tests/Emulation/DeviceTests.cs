using System.Buffers.Binary;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;
using Vmm.Testing.Emulation;

namespace Vmm.Testing.Tests.Emulation;

public sealed class DeviceTests : IDisposable
{
    private readonly Rig _rig = new();
    private readonly int _group;
    private readonly int _container;
    private readonly int _device;

    public DeviceTests()
    {
        (_container, var groups) = _rig.Ready(1);
        _group = groups[0];
        _device = Rig.Good(_rig.Device(_group, Rig.NetworkCard)).Descriptor;
    }

    public static TheoryData<uint, int, ulong, uint> Regions => new()
    {
        { 0, 0, 0x4000, 7 },
        { 1, 0, 0, 0 },
        { 2, 0, 0x2000_0000, 7 },
        { 6, 0, 0, 0 },
        { 7, 0, 4096, 3 },
        { 8, 22, 0, 0 },
        { 9, 22, 0, 0 },
        { uint.MaxValue, 22, 0, 0 },
    };

    public static TheoryData<uint, int, uint, uint> Interrupts => new()
    {
        { 0, 0, 1, 7 },
        { 1, 0, 1, 9 },
        { 2, 0, 0, 9 },
        { 3, 0, 1, 9 },
        { 4, 0, 1, 9 },
        { 5, 22, 0, 0 },
    };

    public void Dispose() => _rig.Dispose();

    [Theory]
    [MemberData(nameof(Regions))]
    public void Regions_have_the_sizes_of_the_host(uint index, int errno, ulong size, uint flags)
    {
        var bytes = Rig.Struct(32, 0, index);
        Assert.Equal(errno, _rig.Kernel.Ioctl(_device, VfioUapi.DeviceGetRegionInfo, bytes).Errno.Number);
        if (errno == 0)
        {
            Assert.Equal(flags, BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(4)));
            Assert.Equal(size, BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(16)));
            Assert.Equal((ulong)index << 40, BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(24)));
        }
    }

    [Fact]
    public void Only_msix_vectors_can_be_added_while_others_are_on()
    {
        using var rig = new Rig(host => host.Group(9).Device(new PciDeviceSpec("0000:09:00.0") { Driver = "vfio-pci", Vectors = new(Msi: 8, Msix: 65) }).Msi());
        var device = Rig.Good(rig.Device(rig.Ready(9).Groups[0], "0000:09:00.0")).Descriptor;
        Assert.Equal(VfioUapi.IrqEventfd | VfioUapi.IrqNoResize, Flags(VfioUapi.PciMsi));
        Assert.Equal(VfioUapi.IrqEventfd, Flags(VfioUapi.PciMsix));

        uint Flags(uint index)
        {
            var bytes = Rig.Struct(16, 0, index);
            Rig.Good(rig.Kernel.Ioctl(device, VfioUapi.DeviceGetIrqInfo, bytes));
            return BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(4));
        }
    }

    [Theory]
    [InlineData(32, 40, 0, 0)]
    [InlineData(39, 40, 0, 0)]
    [InlineData(40, 40, 32, 0x1_0003)]
    [InlineData(64, 64, 32, 0x1_0003)]
    public void The_bar_with_the_table_of_msix_says_that_it_can_be_mapped_whole(uint given, uint told, uint offset, uint capability)
    {
        using var rig = new Rig(host => host
            .Group(9).Device(new PciDeviceSpec("0000:09:00.0") { Driver = "vfio-pci", Vectors = new(1, 4, MsixBar: 2), Bars = [default, default, new(0x1000, 0x4fff, 0x200)] }).Msi());
        var device = Rig.Good(rig.Device(rig.Ready(9).Groups[0], "0000:09:00.0")).Descriptor;
        var bytes = Rig.Struct(64, 0, 2u);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, given);
        Rig.Good(rig.Kernel.Ioctl(device, VfioUapi.DeviceGetRegionInfo, bytes));
        Assert.Equal((told, offset, capability), (Word(0), Word(12), Word(32)));
        Assert.Equal(15u, Word(4));

        uint Word(int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at));
    }

    [Theory]
    [MemberData(nameof(Interrupts))]
    public void Interrupts_are_told_by_index(uint index, int errno, uint count, uint flags)
    {
        var bytes = Rig.Struct(16, 0, index);
        Assert.Equal(errno, _rig.Kernel.Ioctl(_device, VfioUapi.DeviceGetIrqInfo, bytes).Errno.Number);
        if (errno == 0)
        {
            Assert.Equal(flags, BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(4)));
            Assert.Equal(count, BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(12)));
        }
    }

    [Fact]
    public void Info_says_pci_reset_regions_and_interrupts()
    {
        var bytes = Rig.Struct(24);
        Rig.Good(_rig.Kernel.Ioctl(_device, VfioUapi.DeviceGetInfo, bytes));
        Assert.Equal([3u, 9u, 5u], Enumerable.Range(1, 3).Select(at => BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at * 4))));
        Rig.Good(_rig.Kernel.Ioctl(_device, VfioUapi.DeviceResetRequest, 0UL));
        var small = Rig.Struct(16);
        small[0] = 15;
        Assert.Equal(Errno.EINVAL, _rig.Kernel.Ioctl(_device, VfioUapi.DeviceGetInfo, small).Errno);
        Assert.Equal(Errno.EINVAL, _rig.Kernel.Ioctl(_device, VfioUapi.DeviceBindIommufd, Rig.Struct(24)).Errno);
        Assert.Equal(Errno.ENOTTY, _rig.Kernel.Ioctl(_device, VfioUapi.DeviceAttachIommufdPt, Rig.Struct(16)).Errno);
    }

    [Fact]
    public void A_mapped_bar_keeps_group_and_container_after_the_device_is_closed()
    {
        var bar = MapBar(0, 0x4000);
        Rig.Good(_rig.Kernel.Close(_device));
        Assert.Equal(Errno.EBUSY, _rig.UnsetContainer(_group));
        Assert.Equal((1, 1), (_rig.Kernel.Census().OpenDevices, _rig.Kernel.Census().MappedBars));

        Rig.Good(_rig.Kernel.Unmap(bar, 0x2000));
        Assert.Equal(Errno.EBUSY, _rig.UnsetContainer(_group));
        Rig.Good(_rig.Kernel.Unmap(bar.Plus(0x2000), 0x2000));
        Assert.Equal(Errno.None, _rig.UnsetContainer(_group));
    }

    [Fact]
    public void Mapping_nothing_of_a_file_is_refused_before_the_file_is_asked()
    {
        Assert.Equal(Errno.EINVAL, _rig.Kernel.Map(0, MappingProtection.ReadWrite, MappingSharing.Shared, _container, 0).Errno);
        Assert.Equal(Errno.ENODEV, _rig.Kernel.Map(0x1000, MappingProtection.ReadWrite, MappingSharing.Shared, _container, 0).Errno);
    }

    [Theory]
    [InlineData(0, 0, 0x8000, MappingSharing.Shared)]
    [InlineData(0, 0x3000, 0x2000, MappingSharing.Shared)]
    [InlineData(1, 0, 0x1000, MappingSharing.Shared)]
    [InlineData(7, 0, 0x1000, MappingSharing.Shared)]
    [InlineData(0, 0, 0x1000, MappingSharing.Private)]
    public void A_bar_is_mapped_shared_and_inside_or_not_at_all(int index, ulong offset, ulong length, MappingSharing sharing) =>
        Assert.Equal(Errno.EINVAL, _rig.Kernel.Map(length, MappingProtection.ReadWrite, sharing, _device, ((ulong)index << 40) + offset).Errno);

    [Fact]
    [Trait("Requirement", "R2.9")]
    public void A_bar_is_mapped_for_DMA_without_being_charged()
    {
        var bar = MapBar(2, 0x20_0000);
        Assert.Equal(Errno.None, _rig.Map(_container, Rig.ReadWrite, bar.Value, 0x8000_0000, 0x20_0000));
        Assert.Equal(0UL, _rig.Kernel.Census().LockedPages);
        Assert.True(_rig.Kernel.DmaWrite(Rig.NetworkCard, new(0x8000_1000), "peer"u8).IsCompleted);
        Assert.Equal("peer"u8, Rig.Bytes(bar.Value + 0x1000, 4));
        Rig.Good(_rig.Kernel.Unmap(bar, 0x20_0000));
    }

    [Fact]
    public void An_interrupt_makes_its_eventfd_readable_and_the_request_comes_through_it()
    {
        var signal = Rig.Good(_rig.Kernel.CreateEvent()).Descriptor;
        var bytes = new byte[24];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, 24);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), VfioUapi.IrqDataEventfd | VfioUapi.IrqActionTrigger);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), VfioUapi.PciRequest);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(16), 1);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(20), signal);
        Assert.Equal(Errno.ENOENT, _rig.Kernel.RaiseInterrupt(Rig.NetworkCard, VfioUapi.PciRequest, 0).Errno);
        Rig.Good(_rig.Kernel.Ioctl(_device, VfioUapi.DeviceSetIrqs, bytes));

        Rig.Good(_rig.Host.RemoveDevice(Rig.NetworkCard));
        using var handle = new Microsoft.Win32.SafeHandles.SafeFileHandle(signal, ownsHandle: false);
        var count = new byte[8];
        Assert.Equal(8, RandomAccess.Read(handle, count, 0));
        Assert.Equal(1, count[0]);

        Rig.Good(_rig.Kernel.Close(_device));
        Assert.False(_rig.Host.TryDevice(Rig.NetworkCard, out _));
    }

    [Theory]
    [InlineData(0, 0u, 1u, 22)]
    [InlineData(5, 0u, 1u, 22)]
    [InlineData(4, 1u, 1u, 22)]
    [InlineData(4, 0u, 2u, 22)]
    [InlineData(2, 0u, 1u, 22)]
    public void Interrupt_requests_are_checked(uint index, uint start, uint count, int errno)
    {
        var flags = index == 0 ? VfioUapi.IrqDataEventfd : VfioUapi.IrqDataEventfd | VfioUapi.IrqActionTrigger;
        var bytes = new byte[20];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, 20);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), flags);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), index);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(12), start);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(16), count);
        Assert.Equal(errno, _rig.Kernel.Ioctl(_device, VfioUapi.DeviceSetIrqs, bytes).Errno.Number);
    }

    private HostAddress MapBar(int index, ulong length) =>
        new((ulong)Rig.Good(_rig.Kernel.Map(length, MappingProtection.ReadWrite, MappingSharing.Shared, _device, (ulong)index << 40)).Value);
}
