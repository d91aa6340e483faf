using Vmm.Iommu.Addressing;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;
using Vmm.Testing.Emulation;

namespace Vmm.Testing.Tests.Emulation.Iommufd;

/// <summary>Bytes that devices move through an IOAS, mediated devices, and what page tables tell of writes.</summary>
public sealed class IommufdDmaTests
{
    private const ulong Page = IommufdRig.Page;

    [Fact]
    public void Dma_goes_where_the_ioas_says_and_nowhere_before_and_after()
    {
        using var rig = new IommufdRig();
        var ioas = rig.Ioas();
        Assert.Equal(DmaFault.NotAssigned, Write(rig, Rig.NetworkCard, 0));
        var (cdev, _) = rig.Bound(Rig.NetworkCard);
        Assert.Equal(DmaFault.Blocked, Write(rig, Rig.NetworkCard, 0));
        var memory = rig.Rig.Memory(4 * Page);
        Assert.Equal(Errno.None, rig.Map(ioas, IommufdRig.Fixed | IommufdUapi.MapReadable, memory, Page, 0).Errno);
        Assert.Equal(Errno.None, rig.Map(ioas, IommufdRig.Fixed | IommufdUapi.MapWriteable, memory + Page, Page, Page).Errno);
        Assert.Equal(Errno.None, rig.Attach(cdev, ioas).Errno);
        Assert.Equal((DmaFault.NoWriteAccess, DmaFault.None, DmaFault.NotMapped), (Write(rig, Rig.NetworkCard, 0), Write(rig, Rig.NetworkCard, Page), Write(rig, Rig.NetworkCard, 2 * Page)));
        Assert.Equal((DmaFault.None, DmaFault.NoReadAccess), (Read(rig, Rig.NetworkCard, 0), Read(rig, Rig.NetworkCard, Page)));
        Assert.Equal(DmaFault.InterruptWindow, Write(rig, Rig.NetworkCard, 0xfee0_0000));
        Assert.Equal((byte)'x', Rig.Bytes(memory + Page, 1)[0]);
        Assert.Equal(Errno.None, rig.Unmap(ioas, Page, Page).Errno);
        Assert.Equal(DmaFault.NotMapped, Write(rig, Rig.NetworkCard, Page));
        Assert.Equal(Errno.None, rig.Detach(cdev));
        Assert.Equal(DmaFault.Blocked, Read(rig, Rig.NetworkCard, 0));
    }

    [Fact]
    public void A_move_changes_what_the_device_sees_at_once()
    {
        using var rig = new IommufdRig();
        var (one, two) = (rig.Ioas(), rig.Ioas());
        var (first, second) = (rig.Rig.Memory(Page), rig.Rig.Memory(Page));
        Assert.Equal((Errno.None, Errno.None), (rig.MapAt(one, first, Page, 0), rig.MapAt(two, second, Page, 0)));
        var (cdev, _) = rig.Attached(Rig.NetworkCard, one);
        Assert.Equal(Errno.None, rig.Attach(cdev, two).Errno);
        Assert.Equal(DmaFault.None, Write(rig, Rig.NetworkCard, 0));
        Assert.Equal(((byte)0, (byte)'x'), (Rig.Bytes(first, 1)[0], Rig.Bytes(second, 1)[0]));
        Assert.Equal(1UL, rig.Census.PinnedPages);
    }

    [Fact]
    [Trait("Requirement", "R2.7")]
    public void A_mediated_device_uses_the_ioas_without_pinning_and_holds_it()
    {
        using var rig = new IommufdRig();
        var (one, two) = (rig.Ioas(), rig.Ioas());
        var (cdev, id) = rig.Bound(Rig.Mediated);
        Assert.Equal(DmaFault.Blocked, Write(rig, Rig.Mediated, 0));
        Assert.Equal(Errno.None, rig.MapAt(one, 5, 3, 5));
        Assert.Equal(Errno.EADDRINUSE, rig.Attach(cdev, one).Errno);
        Assert.Equal(Errno.None, rig.Unmap(one, 0, ulong.MaxValue).Errno);
        Assert.Equal((Errno.None, one), rig.Attach(cdev, one));
        Assert.Equal(Page, rig.Ranges(one).Alignment);
        Assert.Equal([IovaRange.All], rig.Ranges(one).Ranges);
        var memory = rig.Rig.Memory(2 * Page);
        Assert.Equal(Errno.None, rig.Map(one, IommufdRig.Fixed | IommufdUapi.MapWriteable, memory, 2 * Page, 0xfee0_0000).Errno);
        Assert.Equal((DmaFault.None, DmaFault.NoReadAccess), (Write(rig, Rig.Mediated, 0xfee0_0ffe), Read(rig, Rig.Mediated, 0xfee0_0000)));
        Assert.Equal("xy"u8.ToArray(), Rig.Bytes(memory + 0xffe, 2).ToArray());
        Assert.Equal(0UL, rig.Census.PinnedPages);
        Assert.Equal((Errno.EBUSY, Errno.EBUSY), (rig.Destroy(one), rig.Destroy(id)));
        Assert.Equal(Errno.ENOENT, rig.Hwpt(id, one).Errno);
        Assert.Equal((Errno.None, two), rig.Attach(cdev, two));
        Assert.Equal((1UL, Page), (rig.Ranges(one).Alignment, rig.Ranges(two).Alignment));
        Assert.Equal(Errno.None, rig.Destroy(one));
        Assert.Equal((Errno.None, Errno.None), (rig.Detach(cdev), rig.Detach(cdev)));
        Assert.Equal(Errno.None, rig.Destroy(two));
    }

    /// <summary>The order of calls that QEMU made of a mediated and then a physical device over RAM that lies across the interrupt window.</summary>
    [Fact]
    [Trait("Requirement", "R2.7")]
    public void A_physical_device_joins_a_mediated_ones_ioas_only_to_be_refused_after_pinning()
    {
        using var rig = new IommufdRig();
        const ulong Ram = 64 * Page;
        var (mediated, first) = rig.Bound(Rig.Mediated);
        var ioas = rig.Ioas();
        Assert.Equal((1u, 2u), (first, ioas));
        Assert.Equal((Errno.None, 2u), rig.Attach(mediated, ioas));
        Assert.Equal(Errno.EMSGSIZE, rig.Ranges(ioas, 0).Errno);
        Assert.Equal(Errno.None, rig.MapAt(ioas, rig.Rig.Memory(Ram), Ram, 0xfee0_0000 - (32 * Page)));
        var (physical, third) = rig.Bound(Rig.NetworkCard);
        Assert.Equal((3u, (Errno.None, 4u)), (third, rig.Hwpt(third, ioas)));
        Assert.Equal(64UL, rig.Census.PinnedPages);
        Assert.Equal((Errno.EADDRINUSE, 4u), rig.Attach(physical, 4));
        Assert.Equal(Errno.None, rig.Destroy(4));
        Assert.Equal((0UL, 4u), (rig.Census.PinnedPages, rig.Ioas()));
        Assert.Equal((Errno.None, 5u), rig.Hwpt(third, 4));
        Assert.Equal((Errno.None, 5u), rig.Attach(physical, 5));
        Assert.Equal(Errno.EINVAL, rig.MapAt(4, 0, Ram, 0xfee0_0000 - (32 * Page)));
        Assert.Equal((Errno.None, Errno.None), (rig.Detach(physical), rig.Destroy(5)));
        Assert.Equal((Errno.ENOENT, Ram), rig.Unmap(4, 0xfee0_0000 - (32 * Page), Ram));
        Assert.Equal(Errno.None, rig.Destroy(4));
    }

    [Fact]
    public void A_page_table_that_tracks_tells_the_pages_written_and_sets_bits_only()
    {
        using var rig = new IommufdRig();
        rig.Kernel.Host.Unit("dmar0").TracksDirty = true;
        var ioas = rig.Ioas();
        var (cdev, device) = rig.Bound(Rig.NetworkCard);
        var table = rig.Hwpt(device, ioas, IommufdUapi.HwptDirtyTracking).Id;
        Assert.Equal(Errno.None, rig.Attach(cdev, table).Errno);
        Assert.Equal(Errno.None, rig.MapAt(ioas, rig.Rig.Memory(16 * Page), 16 * Page, 0x10_0000));
        Write(rig, Rig.NetworkCard, 0x10_0000);
        Assert.Equal((Errno.None, (byte)0), Dirty(rig, table, 0, 16 * Page));
        Assert.Equal(Errno.None, Track(rig, table, 1));
        Write(rig, Rig.NetworkCard, 0x10_1000);
        Write(rig, Rig.NetworkCard, 0x10_2fff);
        Assert.Equal((Errno.None, (byte)0b1110), Dirty(rig, table, 1, 16 * Page));
        Assert.Equal((Errno.None, (byte)0b1110), Dirty(rig, table, 0, 16 * Page));
        Assert.Equal((Errno.None, (byte)0b1000_0000), Dirty(rig, table, 0, 16 * Page, before: 0b1000_0000));
        Assert.Equal(Errno.None, Track(rig, table, 0));
    }

    /// <summary>Table, flags, reserved, IOVA, length, page size, errno where pages are tracked and where not.</summary>
    [Theory]
    [InlineData("none", 2u, 0u, 0x1000UL, 0UL, 0UL, 95, 95)]
    [InlineData("none", 0u, 1u, 0x1000UL, 0UL, 0UL, 95, 95)]
    [InlineData("none", 0u, 0u, 0x1000UL, 0UL, 0UL, 2, 2)]
    [InlineData("table", 0u, 0u, 0x1000UL, 0UL, 0UL, 75, 75)]
    [InlineData("table", 0u, 0u, 1UL, 0x1000UL, 0UL, 22, 22)]
    [InlineData("table", 0u, 0u, 0UL, 0x1000UL, 0UL, 22, 22)]
    [InlineData("table", 0u, 0u, 0UL, 0x1000UL, 0x2000UL, 22, 22)]
    [InlineData("table", 0u, 0u, 0UL, 0x1000UL, 3000UL, 0, 95)]
    [InlineData("table", 0u, 0u, 0UL, 0UL, 0x1000UL, 0, 95)]
    [InlineData("table", 0u, 0u, 0UL, 0x1000UL, 0x1000UL, 0, 95)]
    public void Dirty_bitmaps_are_tested_in_the_kernels_order(string what, uint flags, uint reserved, ulong iova, ulong length, ulong page, int tracking, int plain)
    {
        foreach (var (tracks, errno) in ((bool, int)[])[(true, tracking), (false, plain)])
        {
            using var rig = new IommufdRig();
            rig.Kernel.Host.Unit("dmar0").TracksDirty = tracks;
            var ioas = rig.Ioas();
            var (_, device) = rig.Bound(Rig.NetworkCard);
            var table = rig.Hwpt(device, ioas, tracks ? IommufdUapi.HwptDirtyTracking : 0).Id;
            var bytes = IommufdRig.Words(
                what == "none" ? 99 : table, flags, reserved, IommufdRig.Low(iova), IommufdRig.High(iova), IommufdRig.Low(length), 0, IommufdRig.Low(page), 0, 0, 0);
            Assert.Equal(errno, rig.Call(IommufdUapi.HwptGetDirtyBitmap, bytes).Number);
            Assert.Equal((95, 2, tracks ? 0 : 95), (Track(rig, 99, 2).Number, Track(rig, ioas, 1).Number, Track(rig, table, 1).Number));
        }
    }

    private static DmaFault Write(IommufdRig rig, string device, ulong iova) => rig.Kernel.DmaWrite(device, new Iova(iova), "xy"u8).Fault;

    private static DmaFault Read(IommufdRig rig, string device, ulong iova) => rig.Kernel.DmaRead(device, new Iova(iova), new byte[1]).Fault;

    private static Errno Track(IommufdRig rig, uint table, uint flags) => rig.Call(IommufdUapi.HwptSetDirtyTracking, IommufdRig.Words(flags, table, 0));

    private static (Errno Errno, byte Bits) Dirty(IommufdRig rig, uint table, uint flags, ulong length, byte before = 0)
    {
        var bitmap = new byte[8];
        bitmap[0] = before;
        var bytes = IommufdRig.Words(table, flags, 0, 0x10_0000, 0, IommufdRig.Low(length), 0, (uint)Page, 0, 0, 0);
        var errno = rig.Kernel.Ioctl(rig.File, IommufdUapi.HwptGetDirtyBitmap, bytes, 40, bitmap).Errno;
        return (errno, bitmap[0]);
    }
}
