using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;

namespace Vmm.Iommu.Tests.Kernel;

/// <summary>The bytes that the calls hand to the kernel, by the names of the kernel's headers, and kernels that lie.</summary>
public sealed class IommufdCallsTests
{
    private const uint Ioas = 0x22;
    private static readonly UapiText Text = UapiText.Read();
    private static readonly IovaRange Range = IovaRange.FromBounds(0x10_0000, 0x10_3fff);

    private readonly ScriptedDevices _devices = new();
    private readonly int _fd;

    public IommufdCallsTests() => _fd = _devices.New();

    private delegate SysResult Call(IDevices devices, int iommufd);

    public static TheoryData<string, string> Cases => new()
    {
        { "destroy", "iommu_destroy size=8 id=34" },
        { "ioas alloc", "iommu_ioas_alloc size=12" },
        { "allow", "iommu_ioas_allow_iovas size=24 ioas_id=34 num_iovas=1" },
        { "map", "iommu_ioas_map size=40 flags=7 ioas_id=34 user_va=458752 length=16384 iova=1048576" },
        { "map read-only", "iommu_ioas_map size=40 flags=5 ioas_id=34 user_va=458752 length=16384 iova=1048576" },
        { "map write-only", "iommu_ioas_map size=40 flags=3 ioas_id=34 user_va=458752 length=16384 iova=1048576" },
        { "map file", "iommu_ioas_map_file size=40 flags=7 ioas_id=34 fd=9 start=8192 length=16384 iova=1048576" },
        { "copy", "iommu_ioas_copy size=40 flags=5 dst_ioas_id=35 src_ioas_id=34 length=16384 dst_iova=4096 src_iova=1048576" },
        { "unmap", "iommu_ioas_unmap size=24 ioas_id=34 iova=1048576 length=16384" },
        { "unmap all", "iommu_ioas_unmap size=24 ioas_id=34 length=18446744073709551615" },
        { "get option", "iommu_option size=24 option_id=1 op=1 object_id=34" },
        { "set option", "iommu_option size=24 option_id=1 object_id=34 val64=1" },
        { "vfio ioas", "iommu_vfio_ioas size=12 ioas_id=34 op=1" },
        { "no vfio ioas", "iommu_vfio_ioas size=12 op=2" },
        { "page table", "iommu_hwpt_alloc size=48 flags=2 dev_id=5 pt_id=34" },
        { "track", "iommu_hwpt_set_dirty_tracking size=16 flags=1 hwpt_id=34" },
        { "track no more", "iommu_hwpt_set_dirty_tracking size=16 hwpt_id=34" },
        { "bitmap", "iommu_hwpt_get_dirty_bitmap size=48 hwpt_id=34 flags=1 iova=1048576 length=16384 page_size=4096" },
        { "change process", "iommu_ioas_change_process size=8" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_bytes_are_where_the_headers_have_them(string name, string expected)
    {
        var words = expected.Split(' ');
        byte[] given = [];
        var request = default(IoctlCode);
        foreach (var code in AllRequests)
        {
            _devices.Answers[code] = (_, argument) =>
            {
                (given, request) = (argument.ToArray(), code);
                return SysResult.Ok;
            };
        }

        CallOf(name)(_devices, _fd);
        Assert.True(request.HasSize);
        var wanted = new byte[Text.SizeOf(words[0])];
        foreach (var pair in words[1..].Select(word => word.Split('=')))
        {
            var (offset, size) = Text.Field(words[0], pair[0]);
            var value = new byte[8];
            BinaryPrimitives.WriteUInt64LittleEndian(value, ulong.Parse(pair[1], CultureInfo.InvariantCulture));
            value.AsSpan(0, (int)size).CopyTo(wanted.AsSpan((int)offset));
        }

        Assert.Equal(wanted, given);
    }

    [Fact]
    public void The_array_of_ranges_grows_to_what_the_kernel_has()
    {
        AnswerRanges(wanted: _ => 3);
        var answer = IommufdCalls.IoasIovaRanges(_devices, _fd, Ioas);
        Assert.Equal([0UL, 0x10000, 0x20000], answer.Value!.Ranges.Select(range => range.Start));
        Assert.Equal(0x1000UL, answer.Value.Alignment);
        Assert.Equal(2, _devices.Calls.Count);
    }

    [Theory]
    [InlineData(0x8000_0000)]
    [InlineData(uint.MaxValue)]
    public void A_count_of_ranges_that_cannot_be_is_not_believed(uint count)
    {
        AnswerRanges(wanted: _ => count);
        Assert.Equal(Errno.EPROTO, IommufdCalls.IoasIovaRanges(_devices, _fd, Ioas).Errno);
        Assert.Single(_devices.Calls);
    }

    [Fact]
    public void An_array_that_is_always_too_short_ends_some_time()
    {
        AnswerRanges(wanted: room => room + 1);
        Assert.Equal(Errno.EMSGSIZE, IommufdCalls.IoasIovaRanges(_devices, _fd, Ioas).Errno);
        Assert.Equal(8, _devices.Calls.Count);
    }

    [Theory]
    [InlineData(0, 5)]
    [InlineData(90, 0)]
    public void A_count_of_ranges_that_contradicts_the_errno_is_not_believed(int errno, uint count)
    {
        _devices.Answers[IommufdUapi.IoasIovaRanges] = (_, argument) =>
        {
            BinaryPrimitives.WriteUInt32LittleEndian(argument[8..], count);
            return errno == 0 ? SysResult.Ok : new Errno(errno);
        };
        Assert.Equal(Errno.EPROTO, IommufdCalls.IoasIovaRanges(_devices, _fd, Ioas).Errno);
    }

    [Fact]
    public void Hardware_data_grow_to_what_the_kernel_has()
    {
        _devices.BufferAnswers[IommufdUapi.GetHwInfo] = (_, argument, buffer) =>
        {
            BinaryPrimitives.WriteUInt32LittleEndian(argument[12..], 100);
            argument[24] = 1;
            argument[32] = 9;
            buffer.Fill(0xaa);
            return SysResult.Ok;
        };
        var info = IommufdCalls.GetHwInfo(_devices, _fd, 1).Value!;
        Assert.Equal((1u, 9UL, true), (info.DataType, info.Capabilities, info.HasDirtyTracking));
        Assert.Equal(Enumerable.Repeat((byte)0xaa, 100), info.Data);
    }

    [Theory]
    [InlineData(uint.MaxValue)]
    [InlineData(0x10001)]
    public void Hardware_data_that_cannot_be_are_not_believed(uint length)
    {
        _devices.Answers[IommufdUapi.GetHwInfo] = (_, argument) =>
        {
            BinaryPrimitives.WriteUInt32LittleEndian(argument[12..], length);
            return SysResult.Ok;
        };
        Assert.Equal(Errno.EPROTO, IommufdCalls.GetHwInfo(_devices, _fd, 1).Errno);
        Assert.Single(_devices.Calls);
    }

    [Theory]
    [InlineData(7, 0x1000, 14)]
    [InlineData(8, 0, 22)]
    [InlineData(8, 0x1000, 0)]
    public void A_bitmap_that_the_kernel_would_write_behind_is_not_handed_to_it(int length, ulong pageSize, int errno)
    {
        _devices.Answers[IommufdUapi.HwptGetDirtyBitmap] = (_, _) => SysResult.Ok;
        var answer = IommufdCalls.HwptGetDirtyBitmap(_devices, _fd, 4, 0, Range, pageSize, new byte[length]);
        Assert.Equal(new Errno(errno), answer.Errno);
        Assert.Equal(errno == 0, _devices.Calls.Count == 1);
    }

    [Fact]
    public void A_range_that_the_structs_cannot_say_is_refused_without_a_call()
    {
        Assert.Equal(Errno.EOVERFLOW, IommufdCalls.IoasMap(_devices, _fd, Ioas, IovaRange.All, default, DmaAccess.Read).Errno);
        Assert.Equal(Errno.EOVERFLOW, IommufdCalls.IoasMapFile(_devices, _fd, Ioas, IovaRange.All, 9, 0, DmaAccess.Read).Errno);
        Assert.Equal(Errno.EOVERFLOW, IommufdCalls.IoasCopy(_devices, _fd, Ioas, IovaRange.All, 4, default, DmaAccess.Read).Errno);
        Assert.Equal(Errno.EOVERFLOW, IommufdCalls.IoasUnmap(_devices, _fd, Ioas, IovaRange.All, out _).Errno);
        Assert.Equal(Errno.EOVERFLOW, IommufdCalls.IoasUnmap(_devices, _fd, Ioas, IovaRange.FromBounds(0, ulong.MaxValue - 1), out _).Errno);
        Assert.Equal(Errno.EOVERFLOW, IommufdCalls.HwptGetDirtyBitmap(_devices, _fd, 4, 0, IovaRange.All, 4096, default).Errno);
        Assert.Empty(_devices.Calls);
    }

    [Fact]
    public void A_fixed_map_that_went_elsewhere_is_not_believed()
    {
        foreach (var request in new[] { IommufdUapi.IoasMap, IommufdUapi.IoasMapFile, IommufdUapi.IoasCopy })
        {
            _devices.Answers[request] = (_, argument) =>
            {
                argument[24..].Fill(0x11);
                return SysResult.Ok;
            };
        }

        Assert.Equal(Errno.EPROTO, CallOf("map")(_devices, _fd).Errno);
        Assert.Equal(Errno.EPROTO, CallOf("map file")(_devices, _fd).Errno);
        Assert.Equal(Errno.EPROTO, CallOf("copy")(_devices, _fd).Errno);
    }

    [Fact]
    public void A_failed_unmap_counts_nothing_whatever_the_struct_says()
    {
        _devices.Answers[IommufdUapi.IoasUnmap] = (_, argument) =>
        {
            argument[16..].Fill(0x11);
            return Errno.ENOENT;
        };
        Assert.Equal(Errno.ENOENT, IommufdCalls.IoasUnmap(_devices, _fd, Ioas, Range, out var unmapped).Errno);
        Assert.Equal(0UL, unmapped);
    }

    [Fact]
    public void An_object_without_an_id_is_not_believed()
    {
        _devices.Answers[IommufdUapi.IoasAlloc] = (_, _) => SysResult.Ok;
        _devices.Answers[IommufdUapi.HwptAlloc] = (_, _) => SysResult.Ok;
        Assert.Equal(Errno.EPROTO, IommufdCalls.IoasAlloc(_devices, _fd, out _).Errno);
        Assert.Equal(Errno.EPROTO, IommufdCalls.HwptAlloc(_devices, _fd, 0, 1, Ioas, out _).Errno);
    }

    [Fact]
    public void Promised_ranges_are_inclusive_at_both_ends()
    {
        ulong[] given = [];
        _devices.BufferAnswers[IommufdUapi.IoasAllowIovas] = (_, _, buffer) =>
        {
            given = MemoryMarshal.Cast<byte, ulong>(buffer).ToArray();
            return SysResult.Ok;
        };
        IommufdCalls.IoasAllowIovas(_devices, _fd, Ioas, [Range, IovaRange.FromBounds(0, ulong.MaxValue)]);
        Assert.Equal([0x10_0000UL, 0x10_3fff, 0, ulong.MaxValue], given);
    }

    private static IEnumerable<IoctlCode> AllRequests => typeof(IommufdUapi).GetFields()
        .Where(member => member.FieldType == typeof(IoctlCode))
        .Select(member => (IoctlCode)member.GetValue(null)!);

    private static Call CallOf(string name) => name switch
    {
        "destroy" => (devices, fd) => IommufdCalls.Destroy(devices, fd, Ioas),
        "ioas alloc" => (devices, fd) => IommufdCalls.IoasAlloc(devices, fd, out _),
        "allow" => (devices, fd) => IommufdCalls.IoasAllowIovas(devices, fd, Ioas, [Range]),
        "map" => (devices, fd) => IommufdCalls.IoasMap(devices, fd, Ioas, Range, new HostAddress(0x70000), DmaAccess.ReadWrite),
        "map read-only" => (devices, fd) => IommufdCalls.IoasMap(devices, fd, Ioas, Range, new HostAddress(0x70000), DmaAccess.Read),
        "map write-only" => (devices, fd) => IommufdCalls.IoasMap(devices, fd, Ioas, Range, new HostAddress(0x70000), DmaAccess.Write),
        "map file" => (devices, fd) => IommufdCalls.IoasMapFile(devices, fd, Ioas, Range, 9, 0x2000, DmaAccess.ReadWrite),
        "copy" => (devices, fd) => IommufdCalls.IoasCopy(devices, fd, Ioas, Range, 35, new Iova(0x1000), DmaAccess.Read),
        "unmap" => (devices, fd) => IommufdCalls.IoasUnmap(devices, fd, Ioas, Range, out _),
        "unmap all" => (devices, fd) => IommufdCalls.IoasUnmapAll(devices, fd, Ioas, out _),
        "get option" => (devices, fd) => IommufdCalls.GetOption(devices, fd, IommufdUapi.OptionHugePages, Ioas, out _),
        "set option" => (devices, fd) => IommufdCalls.SetOption(devices, fd, IommufdUapi.OptionHugePages, Ioas, 1),
        "vfio ioas" => (devices, fd) => IommufdCalls.SetVfioIoas(devices, fd, Ioas),
        "no vfio ioas" => (devices, fd) => IommufdCalls.SetVfioIoas(devices, fd, null),
        "page table" => (devices, fd) => IommufdCalls.HwptAlloc(devices, fd, IommufdUapi.HwptDirtyTracking, 5, Ioas, out _),
        "track" => (devices, fd) => IommufdCalls.HwptSetDirtyTracking(devices, fd, Ioas, isOn: true),
        "track no more" => (devices, fd) => IommufdCalls.HwptSetDirtyTracking(devices, fd, Ioas, isOn: false),
        "bitmap" => (devices, fd) =>
            IommufdCalls.HwptGetDirtyBitmap(devices, fd, Ioas, IommufdUapi.DirtyBitmapNoClear, Range, 0x1000, new byte[8]),
        "change process" => IommufdCalls.IoasChangeProcess,
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "no such call"),
    };

    /// <summary>A kernel with as many ranges as it is told, that writes as many as there is room for.</summary>
    private void AnswerRanges(Func<uint, uint> wanted) =>
        _devices.BufferAnswers[IommufdUapi.IoasIovaRanges] = (_, argument, buffer) =>
        {
            var room = BinaryPrimitives.ReadUInt32LittleEndian(argument[8..]);
            var count = wanted(room);
            BinaryPrimitives.WriteUInt32LittleEndian(argument[8..], count);
            BinaryPrimitives.WriteUInt64LittleEndian(argument[24..], 0x1000);
            var ranges = MemoryMarshal.Cast<byte, IommufdUapi.IovaRangeEntry>(buffer);
            for (var i = 0; i < ranges.Length; i++)
            {
                ranges[i] = new() { Start = (ulong)i << 16, Last = ((ulong)i << 16) + 0xfff };
            }

            return count > room ? Errno.EMSGSIZE : SysResult.Ok;
        };
}
