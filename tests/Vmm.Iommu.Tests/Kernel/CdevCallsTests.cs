using System.Buffers.Binary;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;

namespace Vmm.Iommu.Tests.Kernel;

/// <summary>Calls on devices' own nodes, and type1's written pages: bytes, and kernels that lie.</summary>
public sealed class CdevCallsTests
{
    private static readonly IovaRange Range = IovaRange.FromBounds(0x10_0000, 0x10_3fff);
    private readonly ScriptedDevices _devices = new();
    private readonly int _fd;
    private byte[] _argument = [];
    private byte[] _buffer = [];

    public CdevCallsTests() => _fd = _devices.New();

    [Fact]
    public void A_device_is_bound_with_the_token_that_it_wants()
    {
        Keep(VfioUapi.DeviceBindIommufd, argument => argument[12] = 6);
        var token = Guid.Parse("00112233-4455-6677-8899-aabbccddeeff");
        Assert.True(VfioCalls.DeviceBindIommufd(_devices, _fd, 7, token, out var id).IsOk);
        Assert.Equal(6u, id);
        Assert.Equal(Convert.FromHexString("180000000100000007000000000000000000000000000000"), _argument);
        Assert.Equal(Convert.FromHexString("00112233445566778899aabbccddeeff"), _buffer);
    }

    [Fact]
    public void Without_a_token_none_is_claimed()
    {
        Keep(VfioUapi.DeviceBindIommufd);
        Assert.True(VfioCalls.DeviceBindIommufd(_devices, _fd, 7, token: null, out _).IsOk);
        Assert.Equal(0, _argument[4]);
        Assert.Empty(_buffer);
    }

    [Fact]
    public void An_attach_answers_the_page_table_that_it_came_to()
    {
        Keep(VfioUapi.DeviceAttachIommufdPt, argument => argument[8] = 4);
        Assert.True(VfioCalls.DeviceAttachIommufdPt(_devices, _fd, 1, out var table).IsOk);
        Assert.Equal(4u, table);
        Assert.Equal(Convert.FromHexString("10000000000000000100000000000000"), _argument);
        Assert.Equal(Errno.ENOTTY, VfioCalls.DeviceDetachIommufdPt(_devices, _fd).Errno);
    }

    [Fact]
    public void A_feature_is_probed_without_data()
    {
        Keep(VfioUapi.DeviceFeature);
        Assert.True(VfioCalls.DeviceProbeFeature(_devices, _fd, VfioUapi.FeatureDmaBuf | VfioUapi.FeatureGet).IsOk);
        Assert.Equal(Convert.FromHexString("080000000b000500"), _argument);
    }

    [Fact]
    public void A_dma_buf_is_asked_for_with_its_ranges()
    {
        _devices.Answers[VfioUapi.DeviceFeature] = (_, argument) =>
        {
            _argument = argument.ToArray();
            return SysResult.Of(33);
        };
        var answer = VfioCalls.DeviceGetDmaBuf(_devices, _fd, 2, 0x80000, [new() { Offset = 0x1000, Length = 0x2000 }]);
        Assert.Equal(33, answer.Descriptor);
        Assert.Equal(
            Convert.FromHexString("280000000b00010002000000000008000000000001000000" + "0010000000000000" + "0020000000000000"), _argument);
    }

    [Fact]
    public void The_devices_of_a_hot_reset_are_asked_for_until_they_fit()
    {
        AnswerHotReset(_ => 2, claimsSuccess: false);
        var devices = VfioCalls.DeviceGetPciHotResetInfo(_devices, _fd, out var flags);
        Assert.Equal([7u, 7u], devices.Value!.Select(device => device.GroupOrDeviceId));
        Assert.Equal(VfioUapi.HotResetDeviceIds, flags);
        Assert.Equal(2, _devices.Calls.Count);
    }

    [Theory]
    [InlineData(uint.MaxValue, false)]
    [InlineData(4097, false)]
    [InlineData(0, false)]
    [InlineData(5, true)]
    public void A_count_of_reset_devices_that_cannot_be_is_not_believed(uint count, bool claimsSuccess)
    {
        AnswerHotReset(_ => count, claimsSuccess);
        if (count == 0)
        {
            _devices.Answers[VfioUapi.DeviceGetPciHotResetInfo] = (_, _) => Errno.ENOSPC;
        }

        Assert.Equal(Errno.EPROTO, VfioCalls.DeviceGetPciHotResetInfo(_devices, _fd, out _).Errno);
        Assert.Single(_devices.Calls);
    }

    [Fact]
    public void A_list_of_reset_devices_that_always_grows_ends_some_time()
    {
        AnswerHotReset(room => room + 1, claimsSuccess: false);
        Assert.Equal(Errno.ENOSPC, VfioCalls.DeviceGetPciHotResetInfo(_devices, _fd, out _).Errno);
    }

    [Fact]
    public void A_hot_reset_hands_over_the_groups_that_prove_it()
    {
        Keep(VfioUapi.DevicePciHotReset);
        Assert.True(VfioCalls.DevicePciHotReset(_devices, _fd, [8, 9]).IsOk);
        Assert.Equal(Convert.FromHexString("1400000000000000020000000800000009000000"), _argument);
    }

    [Fact]
    [Trait("Requirement", "R1.1")]
    public void The_bitmap_of_written_pages_is_the_callers()
    {
        Keep(VfioUapi.IommuDirtyPages);
        Assert.True(VfioCalls.IommuGetDirtyBitmap(_devices, _fd, Range, 0x1000, new byte[8]).IsOk);
        Assert.Equal(
            Convert.FromHexString("3000000004000000" + "0000100000000000" + "0040000000000000" + "0010000000000000" + "0800000000000000" + "0000000000000000"),
            _argument);
        Assert.Equal(8, _buffer.Length);
    }

    [Fact]
    public void An_unmap_that_asks_for_written_pages_counts_what_it_unmapped()
    {
        Keep(VfioUapi.IommuUnmapDma, argument => argument[16] = 1);
        Assert.True(VfioCalls.IommuUnmapDmaDirty(_devices, _fd, Range, 0x1000, new byte[8], out var unmapped).IsOk);
        Assert.Equal(0x4001UL, unmapped);
        Assert.Equal((0x30, 1, 8), (_argument[0], _argument[4], _buffer.Length));
    }

    [Fact]
    public void Process_addresses_are_taken_and_given_with_flags_of_their_own()
    {
        Keep(VfioUapi.IommuUnmapDma);
        Keep(VfioUapi.IommuMapDma);
        Assert.True(VfioCalls.IommuInvalidateAddresses(_devices, _fd, out _).IsOk);
        Assert.Equal(Convert.FromHexString("1800000006000000" + "0000000000000000" + "0000000000000000"), _argument);
        Assert.True(VfioCalls.IommuReplaceAddress(_devices, _fd, Range, new HostAddress(0x7000)).IsOk);
        Assert.Equal(Convert.FromHexString("2000000004000000" + "0070000000000000" + "0000100000000000" + "0040000000000000"), _argument);
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 2)]
    public void The_log_of_written_pages_is_switched(bool isOn, byte flag)
    {
        Keep(VfioUapi.IommuDirtyPages);
        Assert.True(VfioCalls.IommuLogDirtyPages(_devices, _fd, isOn).IsOk);
        Assert.Equal([8, 0, 0, 0, flag, 0, 0, 0], _argument);
    }

    [Fact]
    public void A_range_that_the_structs_cannot_say_is_refused_without_a_call()
    {
        Assert.Equal(Errno.EOVERFLOW, VfioCalls.IommuGetDirtyBitmap(_devices, _fd, IovaRange.All, 4096, default).Errno);
        Assert.Equal(Errno.EOVERFLOW, VfioCalls.IommuUnmapDmaDirty(_devices, _fd, IovaRange.All, 4096, default, out _).Errno);
        Assert.Equal(Errno.EOVERFLOW, VfioCalls.IommuReplaceAddress(_devices, _fd, IovaRange.All, default).Errno);
        Assert.Empty(_devices.Calls);
    }

    private void Keep(IoctlCode request, Action<byte[]>? answer = null) =>
        _devices.BufferAnswers[request] = (_, argument, buffer) =>
        {
            (_argument, _buffer) = (argument.ToArray(), buffer.ToArray());
            var written = argument.ToArray();
            answer?.Invoke(written);
            written.CopyTo(argument);
            return SysResult.Ok;
        };

    private void AnswerHotReset(Func<uint, uint> wanted, bool claimsSuccess) =>
        _devices.Answers[VfioUapi.DeviceGetPciHotResetInfo] = (_, argument) =>
        {
            var room = (uint)(argument.Length - 12) / 8;
            var count = wanted(room);
            BinaryPrimitives.WriteUInt32LittleEndian(argument[4..], VfioUapi.HotResetDeviceIds);
            BinaryPrimitives.WriteUInt32LittleEndian(argument[8..], count);
            for (var at = 12; at < argument.Length; at += 8)
            {
                argument[at] = 7;
            }

            return count > room && !claimsSuccess ? Errno.ENOSPC : SysResult.Ok;
        };
}
