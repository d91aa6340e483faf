using System.Buffers.Binary;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;

namespace Vmm.Testing.Tests.Emulation;

public sealed class Type1DirtyTests : IDisposable
{
    private const ulong Page = 0x1000;
    private readonly Rig _rig = new();

    /// <summary>argsz, flags, IOVA, size, page size, bitmap bytes, errno; nothing is logged.</summary>
    public static TheoryData<uint, uint, ulong, ulong, ulong, ulong, int> Checks => new()
    {
        { 7, 1, 0, 0, 0, 0, 22 },
        { 48, 0, 0, 0, 0, 0, 22 },
        { 48, 3, 0, 0, 0, 0, 22 },
        { 48, 8, 0, 0, 0, 0, 22 },
        { 47, 4, 0, Page, Page, 8, 22 },
        { 48, 4, 0, 0, Page, 8, 22 },
        { 48, 4, ulong.MaxValue - Page + 1, 2 * Page, Page, 8, 75 },
        { 48, 4, 0, Page, Page, 0, 22 },
        { 48, 4, 0, 65 * Page, Page, 8, 22 },
        { 48, 4, 0, Page, Page, (1UL << 28) + 8, 22 },
        { 48, 4, 0, 0x20_0000, 0x20_0000, 8, 22 },
        { 48, 4, 1, Page, Page, 8, 22 },
        { 48, 4, 0, Page, Page, 8, 22 },
        { 8, 2, 0, 0, 0, 0, 0 },
        { 8, 1, 0, 0, 0, 0, 0 },
    };

    public void Dispose() => _rig.Dispose();

    [Theory]
    [MemberData(nameof(Checks))]
    public void Dirty_requests_are_checked_in_order(uint size, uint flags, ulong iova, ulong length, ulong page, ulong bytes, int errno)
    {
        var (container, _) = _rig.Ready(1);
        var argument = Rig.Struct(48, flags, iova, length, page, bytes);
        BinaryPrimitives.WriteUInt32LittleEndian(argument, size);
        Assert.Equal(errno, _rig.Kernel.Ioctl(container, VfioUapi.IommuDirtyPages, argument, 40, new byte[64]).Errno.Number);
    }

    [Fact]
    public void On_v1_everything_is_EACCES()
    {
        var (container, _) = _rig.ReadyAs(VfioUapi.Type1, 1);
        Assert.Equal(Errno.EACCES, _rig.Kernel.Ioctl(container, VfioUapi.IommuDirtyPages, Rig.Struct(8, 8)).Errno);
    }

    [Fact]
    public void A_raw_pointer_is_EFAULT_and_one_into_the_kernel_EINVAL()
    {
        var container = Logging(1);
        Assert.Equal(Errno.EINVAL, Query(container, ulong.MaxValue));
        Assert.Equal(Errno.EFAULT, Query(container, 0xdead_0000));

        Errno Query(int on, ulong pointer) =>
            _rig.Kernel.Ioctl(on, VfioUapi.IommuDirtyPages, Rig.Struct(48, 4, 0, 16 * Page, Page, 8, pointer)).Errno;
    }

    [Fact]
    public void A_physical_group_makes_every_mapped_page_dirty_and_residue_shows_later()
    {
        var container = Logging(1);
        Assert.Equal(0x30fUL, Get(container, 0, 16 * Page));
        Assert.Equal(0x30f0fUL, Get(container, 0, 16 * Page));
    }

    [Fact]
    public void Writes_of_a_mediated_device_show_bit_for_bit_as_on_Linux()
    {
        var container = Logging(7);
        Write(0, 4);
        Write(8, 2);
        Assert.Equal(0x30fUL, Get(container, 0, 16 * Page));
        Write(0, 4);
        Write(8, 2);
        Assert.Equal(0x30f0fUL, Get(container, 0, 16 * Page));
        Assert.Equal(0x30f0c00UL, Get(container, 0, 16 * Page));
        Write(0, 4);
        Write(8, 2);
        Assert.Equal(0x30f0c030fUL, Get(container, 0, 16 * Page));

        void Write(ulong page, int pages) =>
            Assert.True(_rig.Kernel.DmaWrite(Rig.Mediated, new Iova(page * Page), new byte[pages * (int)Page]).IsCompleted);
    }

    [Fact]
    public void What_the_caller_had_in_the_bitmap_stays_between_mappings_and_leaks_into_them()
    {
        var container = Logging(7);
        Assert.Equal(0xffff_ffff_ffff_ffff, Get(container, 0, 128 * Page, prefill: 0xff));
        Assert.Equal(Errno.EINVAL, Ask(container, Page, 4 * Page, new byte[8]));
        Assert.Equal(Errno.EINVAL, Ask(container, 0, 9 * Page, new byte[8]));
    }

    [Fact]
    public void A_physical_group_that_leaves_makes_everything_dirty_once()
    {
        var (container, groups) = _rig.Ready(1, 7);
        Map(container);
        Start(container);
        Assert.Equal(0xfUL, Get(container, 0, 4 * Page));
        Assert.Equal(Errno.None, _rig.UnsetContainer(groups[0]));
        Assert.Equal(0xfUL, Get(container, 0, 4 * Page));
        Assert.Equal(0UL, Get(container, 0, 4 * Page));
    }

    [Fact]
    public void An_unmap_hands_the_dirty_bits_over()
    {
        var container = Logging(1);
        var argument = Rig.Struct(48, VfioUapi.UnmapGetDirtyBitmap, 0, 4 * Page, Page, 8);
        var bitmap = new byte[8];
        Rig.Good(_rig.Kernel.Ioctl(container, VfioUapi.IommuUnmapDma, argument, 40, bitmap));
        Assert.Equal(0xf, bitmap[0]);
        Assert.Equal(4 * Page, BinaryPrimitives.ReadUInt64LittleEndian(argument.AsSpan(16)));

        var noRoom = Rig.Struct(48, VfioUapi.UnmapGetDirtyBitmap, 8 * Page, 2 * Page, Page, 8);
        Assert.Equal(Errno.EFAULT, _rig.Kernel.Ioctl(container, VfioUapi.IommuUnmapDma, noRoom, 40, []).Errno);
        Assert.Equal([1], _rig.Kernel.Census().Mappings);
    }

    private int Logging(int group)
    {
        var (container, _) = _rig.Ready(group);
        Map(container);
        Start(container);
        return container;
    }

    private void Map(int container)
    {
        var memory = _rig.Memory(16 * Page);
        Assert.Equal(Errno.None, _rig.Map(container, Rig.ReadWrite, memory, 0, 4 * Page));
        Assert.Equal(Errno.None, _rig.Map(container, Rig.ReadWrite, memory + (8 * Page), 8 * Page, 2 * Page));
    }

    private void Start(int container) => Rig.Good(_rig.Kernel.Ioctl(container, VfioUapi.IommuDirtyPages, Rig.Struct(8, VfioUapi.DirtyStart)));

    private Errno Ask(int container, ulong iova, ulong size, byte[] bitmap) =>
        _rig.Kernel.Ioctl(container, VfioUapi.IommuDirtyPages, Rig.Struct(48, 4, iova, size, Page, (ulong)bitmap.Length), 40, bitmap).Errno;

    private ulong Get(int container, ulong iova, ulong size, byte prefill = 0)
    {
        var bitmap = new byte[(int)((size / Page) + 63) / 64 * 8];
        bitmap.AsSpan().Fill(prefill);
        if (prefill != 0)
        {
            // The first mapping begins on a word and overwrites it; only words without a mapping, and unaligned beginnings, keep bits.
            Assert.Equal(Errno.None, Ask(container, iova, size, bitmap));
            return BinaryPrimitives.ReadUInt64LittleEndian(bitmap.AsSpan(8));
        }

        Assert.Equal(Errno.None, Ask(container, iova, size, bitmap));
        return BinaryPrimitives.ReadUInt64LittleEndian(bitmap);
    }
}
