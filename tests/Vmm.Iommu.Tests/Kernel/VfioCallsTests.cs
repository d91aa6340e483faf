using System.Buffers.Binary;
using System.Text;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;

namespace Vmm.Iommu.Tests.Kernel;

public sealed class VfioCallsTests
{
    private readonly ScriptedDevices _devices = new();
    private readonly int _fd;

    public VfioCallsTests() => _fd = _devices.New();

    [Fact]
    [Trait("Requirement", "R0.2")]
    public void Info_is_asked_again_while_it_grows_and_comes_back_whole()
    {
        var sizes = new List<int>();
        _devices.Answers[VfioUapi.IommuGetInfo] = (_, argument) =>
        {
            sizes.Add(argument.Length);
            Assert.Equal((uint)argument.Length, BinaryPrimitives.ReadUInt32LittleEndian(argument));
            var needed = sizes.Count == 1 ? 600u : 1200u;
            BinaryPrimitives.WriteUInt32LittleEndian(argument, Math.Max(needed, (uint)argument.Length));
            return SysResult.Ok;
        };
        Assert.Equal(1200, VfioCalls.IommuGetInfo(_devices, _fd).Value!.Length);
        Assert.Equal([24, 600, 1200], sizes);
    }

    [Theory]
    [InlineData(1u)]
    [InlineData(1u << 30)]
    public void Info_that_grows_without_end_is_given_up(uint growth)
    {
        _devices.Answers[VfioUapi.IommuGetInfo] = (_, argument) =>
        {
            BinaryPrimitives.WriteUInt32LittleEndian(argument, (uint)argument.Length + growth);
            return SysResult.Ok;
        };
        Assert.Equal(Errno.EMSGSIZE, VfioCalls.IommuGetInfo(_devices, _fd).Errno);
        Assert.InRange(_devices.Calls.Count, 1, 8);
    }

    [Fact]
    public void A_map_is_the_kernels_struct_byte_for_byte()
    {
        var seen = Array.Empty<byte>();
        _devices.Answers[VfioUapi.IommuMapDma] = (_, argument) =>
        {
            seen = argument.ToArray();
            return SysResult.Ok;
        };
        VfioCalls.IommuMapDma(_devices, _fd, IovaRange.FromLength(0x1122_3344_5566_7000, 0x8000), new(0x7f00_1234_5000), DmaAccess.Read);
        Assert.Equal("20000000" + "01000000" + "00503412007F0000" + "0070665544332211" + "0080000000000000", Convert.ToHexString(seen));
    }

    [Fact]
    public void An_unmap_says_how_much_was_unmapped_and_nothing_on_an_error()
    {
        var answer = SysResult.Ok;
        _devices.Answers[VfioUapi.IommuUnmapDma] = (_, argument) =>
        {
            Assert.Equal("18000000" + "00000000" + "0010000000000000" + "0020000000000000", Convert.ToHexString(argument));
            BinaryPrimitives.WriteUInt64LittleEndian(argument[16..], answer.IsOk ? 0x1000u : 0x2000u);
            return answer;
        };
        Assert.True(VfioCalls.IommuUnmapDma(_devices, _fd, IovaRange.FromLength(0x1000, 0x2000), out var unmapped).IsOk);
        Assert.Equal(0x1000u, unmapped);
        answer = Errno.EINVAL;
        Assert.Equal(Errno.EINVAL, VfioCalls.IommuUnmapDma(_devices, _fd, IovaRange.FromLength(0x1000, 0x2000), out unmapped).Errno);
        Assert.Equal(0u, unmapped);
    }

    [Fact]
    public void What_the_struct_cannot_say_is_refused_without_a_call()
    {
        Assert.Equal(Errno.EOVERFLOW, VfioCalls.IommuMapDma(_devices, _fd, IovaRange.All, default, DmaAccess.Read).Errno);
        Assert.Equal(Errno.EOVERFLOW, VfioCalls.IommuUnmapDma(_devices, _fd, IovaRange.All, out _).Errno);
        Assert.Empty(_devices.Calls);
    }

    [Fact]
    public void Unmap_all_is_a_flag_with_an_empty_range()
    {
        _devices.Answers[VfioUapi.IommuUnmapDma] = (_, argument) =>
        {
            Assert.Equal("18000000" + "02000000" + "0000000000000000" + "0000000000000000", Convert.ToHexString(argument));
            BinaryPrimitives.WriteUInt64LittleEndian(argument[16..], 0x5000);
            return SysResult.Ok;
        };
        Assert.True(VfioCalls.IommuUnmapAll(_devices, _fd, out var unmapped).IsOk);
        Assert.Equal(0x5000u, unmapped);
    }

    [Fact]
    public void A_devices_name_ends_with_a_zero()
    {
        _devices.Answers[VfioUapi.GroupGetDeviceFd] = (_, argument) =>
            argument[^1] == 0 && Encoding.UTF8.GetString(argument[..^1]) == "0000:06:0d.0" ? SysResult.Of(42) : Errno.ENODEV;
        Assert.Equal(42, VfioCalls.GroupGetDeviceFd(_devices, _fd, "0000:06:0d.0").Descriptor);
    }

    [Fact]
    public void A_group_is_told_the_containers_descriptor_and_gives_its_flags()
    {
        _devices.Answers[VfioUapi.GroupSetContainer] = (_, argument) =>
            BinaryPrimitives.ReadInt32LittleEndian(argument) == 33 && argument.Length == 4 ? SysResult.Ok : Errno.EBADF;
        _devices.Answers[VfioUapi.GroupGetStatus] = (_, argument) =>
        {
            Assert.Equal(8u, BinaryPrimitives.ReadUInt32LittleEndian(argument));
            BinaryPrimitives.WriteUInt32LittleEndian(argument[4..], 3);
            return SysResult.Ok;
        };
        Assert.True(VfioCalls.GroupSetContainer(_devices, _fd, 33).IsOk);
        Assert.Equal(VfioUapi.GroupViable | VfioUapi.GroupContainerSet, VfioCalls.GroupGetStatus(_devices, _fd).Value);
    }

    [Fact]
    public void Every_call_hands_the_errno_on()
    {
        Assert.Equal(Errno.ENOTTY, VfioCalls.GetApiVersion(_devices, _fd).Errno);
        Assert.Equal(Errno.ENOTTY, VfioCalls.CheckExtension(_devices, _fd, 1).Errno);
        Assert.Equal(Errno.ENOTTY, VfioCalls.SetIommu(_devices, _fd, 1).Errno);
        Assert.Equal(Errno.ENOTTY, VfioCalls.GroupGetStatus(_devices, _fd).Errno);
        Assert.Equal(Errno.ENOTTY, VfioCalls.GroupUnsetContainer(_devices, _fd).Errno);
        Assert.Equal(Errno.ENOTTY, VfioCalls.DeviceGetInfo(_devices, _fd).Errno);
        Assert.Equal(Errno.ENOTTY, VfioCalls.DeviceGetRegionInfo(_devices, _fd, 0).Errno);
        Assert.Equal(Errno.ENOTTY, VfioCalls.DeviceReset(_devices, _fd).Errno);
        Assert.Equal(Errno.ENOTTY, VfioCalls.IommuGetInfo(_devices, _fd).Errno);
    }

    [Fact]
    public void Maps_and_unmaps_allocate_nothing()
    {
        var kernel = new LinuxKernel();
        var fd = OwnedFd.Open(kernel, "null", "/dev/null").Value!;
        var range = IovaRange.FromLength(0x1000, 0x1000);
        MapAndUnmap(100);
        var before = GC.GetAllocatedBytesForCurrentThread();
        MapAndUnmap(1000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        fd.Close();

        void MapAndUnmap(int times)
        {
            for (var time = 0; time < times; time++)
            {
                VfioCalls.IommuMapDma(kernel, fd.Number, range, new(0x1000), DmaAccess.ReadWrite);
                VfioCalls.IommuUnmapDma(kernel, fd.Number, range, out _);
            }
        }
    }
}
