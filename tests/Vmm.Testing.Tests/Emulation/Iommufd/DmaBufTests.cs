using System.Buffers.Binary;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;
using Vmm.Testing.Emulation;

namespace Vmm.Testing.Tests.Emulation.Iommufd;

/// <summary>BARs as dma-bufs, and what an iommufd makes of them.</summary>
public sealed class DmaBufTests
{
    private const ulong Page = IommufdRig.Page;
    private const ulong Max = ulong.MaxValue;
    private const uint Get = VfioUapi.FeatureGet | VfioUapi.FeatureDmaBuf;

    /// <summary>Flags, argsz, region, the request's flags, number of parts, offset, length, errno; BAR 0 has four pages, BAR 1 is absent.</summary>
    [Theory]
    [InlineData(Get, 40, 0u, 0u, 1u, 0UL, Page, 0)]
    [InlineData(Get, 24, 0u, 0u, 1u, 0UL, 4 * Page, 0)]
    [InlineData(VfioUapi.FeatureProbe | VfioUapi.FeatureDmaBuf, 8, 9u, 1u, 0u, 0UL, 0UL, 0)]
    [InlineData(VfioUapi.FeatureProbe | Get, 8, 9u, 1u, 0u, 0UL, 0UL, 0)]
    [InlineData(VfioUapi.FeatureProbe | VfioUapi.FeatureSet | VfioUapi.FeatureDmaBuf, 40, 0u, 0u, 1u, 0UL, Page, 22)]
    [InlineData(VfioUapi.FeatureSet | VfioUapi.FeatureDmaBuf, 40, 0u, 0u, 1u, 0UL, Page, 22)]
    [InlineData(VfioUapi.FeatureDmaBuf, 40, 0u, 0u, 1u, 0UL, Page, 22)]
    [InlineData(VfioUapi.FeatureSet | Get, 40, 0u, 0u, 1u, 0UL, Page, 22)]
    [InlineData(1u << 19 | Get, 40, 0u, 0u, 1u, 0UL, Page, 22)]
    [InlineData(VfioUapi.FeatureGet | 63, 40, 0u, 0u, 1u, 0UL, Page, 25)]
    [InlineData(Get, 7, 0u, 0u, 1u, 0UL, Page, 22)]
    [InlineData(Get, 23, 0u, 0u, 1u, 0UL, Page, 22)]
    [InlineData(Get, 40, 0u, 1u, 1u, 0UL, Page, 22)]
    [InlineData(Get, 40, 0u, 0u, 0u, 0UL, Page, 22)]
    [InlineData(Get, 40, 1u, 0u, 1u, 0UL, Page, 19)]
    [InlineData(Get, 40, 7u, 0u, 1u, 0UL, Page, 19)]
    [InlineData(Get, 40, 0u, 0u, 2u, 0UL, Page, 14)]
    [InlineData(Get, 40, 0u, 0u, 1u, 5UL, Page, 22)]
    [InlineData(Get, 40, 0u, 0u, 1u, 0UL, 5UL, 22)]
    [InlineData(Get, 40, 0u, 0u, 1u, 0UL, 0UL, 22)]
    [InlineData(Get, 40, 0u, 0u, 1u, 4 * Page, Page, 22)]
    [InlineData(Get, 40, 0u, 0u, 1u, 0UL, 5 * Page, 22)]
    [InlineData(Get, 40, 0u, 0u, 1u, 0xffff_ffff_ffff_f000UL, 2 * Page, 22)]
    public void A_dma_buf_is_tested_in_the_kernels_order(uint flags, int size, uint region, uint own, uint parts, ulong offset, ulong length, int errno)
    {
        using var rig = new IommufdRig();
        var (cdev, _) = rig.Bound(Rig.NetworkCard);
        var bytes = Request(flags, region, own, parts, (offset, length));
        BinaryPrimitives.WriteInt32LittleEndian(bytes, size);
        Assert.Equal(errno, rig.Kernel.Ioctl(cdev, VfioUapi.DeviceFeature, bytes).Errno.Number);
    }

    /// <summary>Start, length, errno; the dma-buf is two pages, the second and third of the BAR.</summary>
    [Theory]
    [InlineData(0UL, 0UL, 22)]
    [InlineData(Max, 2UL, 75)]
    [InlineData(0UL, 2 * Page + 1, 22)]
    [InlineData(2 * Page, Page, 22)]
    [InlineData(5UL, Page, 22)]
    [InlineData(Page, Page, 0)]
    [InlineData(0UL, 2 * Page, 0)]
    public void A_part_of_a_dma_buf_is_mapped_uncharged(ulong start, ulong length, int errno)
    {
        using var rig = new IommufdRig(options: new EmulatedKernelOptions { MemlockLimit = 0 });
        var ioas = rig.Ioas();
        var (cdev, _) = rig.Attached(Rig.NetworkCard, ioas);
        var buffer = Export(rig, cdev, (Page, 2 * Page));
        Assert.Equal(errno, rig.MapFile(ioas, 7, buffer, start, length, 0x10_0000).Errno.Number);
        Assert.Equal((0UL, errno == 0 ? 1 : 0), (rig.Census.LockedPages, rig.Census.Areas));
        Assert.Equal(errno == 0 ? Errno.EINVAL : Errno.None, rig.Call(IommufdUapi.IoasChangeProcess, IommufdRig.Words(0)));
    }

    [Fact]
    public void A_device_writes_to_anothers_bar_until_that_is_closed()
    {
        using var rig = new IommufdRig();
        var ioas = rig.Ioas();
        rig.Attached(Rig.NetworkCard, ioas);
        var (owner, _) = rig.Bound(Rig.Disk);
        var bar = (ulong)Rig.Good(rig.Kernel.Map(Page, MappingProtection.ReadWrite, MappingSharing.Shared, owner, 0)).Value;
        var buffer = Export(rig, owner, (0, Page));
        Assert.Equal(Errno.None, rig.MapFile(ioas, 7, buffer, 0, Page, 0x10_0000).Errno);
        Assert.True(rig.Kernel.DmaWrite(Rig.NetworkCard, new Iova(0x10_0010), "peer"u8).IsCompleted);
        Assert.Equal("peer"u8.ToArray(), Rig.Bytes(bar + 0x10, 4).ToArray());
        Rig.Good(rig.Kernel.Unmap(new HostAddress(bar), Page));
        Rig.Good(rig.Kernel.Close(owner));
        Assert.Equal(DmaFault.NotMapped, rig.Kernel.DmaWrite(Rig.NetworkCard, new Iova(0x10_0010), "peer"u8).Fault);
        Assert.Equal(Errno.ENODEV, rig.MapFile(ioas, 7, buffer, 0, Page, 0x20_0000).Errno);
        Assert.Equal(Errno.ENODEV, rig.MapFile(rig.Ioas(), 7, buffer, 0, Page, 0x20_0000).Errno);
        Assert.Equal((Errno.None, Page), rig.Unmap(ioas, 0x10_0000, Page));
        Rig.Good(rig.Kernel.Close(buffer));
    }

    [Fact]
    public void A_dma_buf_of_several_parts_is_nothing_for_an_iommufd()
    {
        using var rig = new IommufdRig();
        var ioas = rig.Ioas();
        var (cdev, _) = rig.Bound(Rig.NetworkCard);
        var buffer = Export(rig, cdev, (0, Page), (2 * Page, Page));
        Assert.Equal(Errno.EOPNOTSUPP, rig.MapFile(ioas, 7, buffer, 0, Page, 0).Errno);
        Assert.Equal(Errno.EINVAL, rig.MapFile(ioas, 7, buffer, 0, 3 * Page, 0).Errno);
    }

    [Theory]
    [InlineData("7.2", true, Rig.NetworkCard, 0)]
    [InlineData("7.2", false, Rig.NetworkCard, 25)]
    [InlineData("7.2", true, Rig.Mediated, 25)]
    public void A_kernel_or_device_without_dma_bufs_says_that_there_is_no_such_feature(string version, bool exports, string device, int errno)
    {
        var linux = KernelPersonality.All.Single(one => one.Name == version);
        using var rig = new IommufdRig(options: new EmulatedKernelOptions { Personality = linux, ExportsDmaBufs = exports });
        var (cdev, _) = rig.Bound(device);
        Assert.Equal(errno, rig.Kernel.Ioctl(cdev, VfioUapi.DeviceFeature, Request(Get, 0, 0, 1, (0, Page))).Errno.Number);
    }

    private static int Export(IommufdRig rig, int cdev, params (ulong Offset, ulong Length)[] parts) =>
        Rig.Good(rig.Kernel.Ioctl(cdev, VfioUapi.DeviceFeature, Request(Get, 0, 0, (uint)parts.Length, parts))).Descriptor;

    private static byte[] Request(uint flags, uint region, uint own, uint count, params (ulong Offset, ulong Length)[] parts)
    {
        var head = IommufdRig.Words(flags, region, 2, own, count);
        var bytes = new byte[head.Length + (parts.Length * 16)];
        head.CopyTo(bytes, 0);
        BinaryPrimitives.WriteInt32LittleEndian(bytes, bytes.Length);
        for (var index = 0; index < parts.Length; index++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(head.Length + (index * 16)), parts[index].Offset);
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(head.Length + (index * 16) + 8), parts[index].Length);
        }

        return bytes;
    }
}
