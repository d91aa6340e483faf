using Vmm.Iommu.Addressing;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;

namespace Vmm.Testing.Tests.Emulation.Iommufd;

public sealed class IoasUnmapTests
{
    private const ulong Page = IommufdRig.Page;
    private const ulong Max = ulong.MaxValue;
    private const ulong Base = 0x10_0000;

    /// <summary>IOVA and length in pages after two areas of four pages at the base, errno, pages told, areas left.</summary>
    [Theory]
    [InlineData(0, 8, 0, 8, 0)]
    [InlineData(0, 4, 0, 4, 1)]
    [InlineData(-4, 16, 0, 8, 0)]
    [InlineData(0, 6, 2, 6, 1)]
    [InlineData(2, 6, 2, 6, 2)]
    [InlineData(1, 2, 2, 2, 2)]
    [InlineData(-4, 4, 2, 4, 2)]
    [InlineData(8, 4, 2, 4, 2)]
    [InlineData(0, 0, 22, 0, 2)]
    [Trait("Requirement", "R1.1")]
    public void Unmap_takes_whole_areas_from_the_left_until_one_is_cut(int from, int pages, int errno, int told, int left)
    {
        using var rig = new IommufdRig();
        var ioas = rig.Ioas();
        Assert.Equal(Errno.None, rig.MapAt(ioas, 0, 4 * Page, Base));
        Assert.Equal(Errno.None, rig.MapAt(ioas, 0, 4 * Page, Base + (4 * Page)));
        var (outcome, length) = rig.Unmap(ioas, Base + ((ulong)from * Page), (ulong)pages * Page);
        Assert.Equal((errno, (ulong)told * Page, left), (outcome.Number, length, rig.Census.Areas));
    }

    [Theory]
    [InlineData(Max, 1UL, 75)]
    [InlineData(1UL, Max, 75)]
    [InlineData(Max - 1, 3UL, 75)]
    [InlineData(Max - 1, 2UL, 2)]
    [InlineData(0UL, Max, 0)]
    public void Unmap_refuses_what_wraps_but_takes_all(ulong iova, ulong length, int errno)
    {
        using var rig = new IommufdRig();
        var ioas = rig.Ioas();
        Assert.Equal(errno, rig.Unmap(ioas, iova, length).Errno.Number);
        Assert.Equal(Errno.ENOENT, rig.Unmap(9, iova, length).Errno);
    }

    [Fact]
    public void Fully_contained_areas_go_together()
    {
        using var rig = new IommufdRig();
        var ioas = rig.Ioas();
        for (var area = 0UL; area < 4; area++)
        {
            Assert.Equal(Errno.None, rig.MapAt(ioas, 0, 8 * Page, Base + (16 * area * Page)));
        }

        Assert.Equal(Errno.ENOENT, rig.Unmap(ioas, Base + (4 * Page), 12 * Page).Errno);
        Assert.Equal(Errno.ENOENT, rig.Unmap(ioas, Base + (52 * Page), 4 * Page).Errno);
        Assert.Equal((Errno.None, 32 * Page), rig.Unmap(ioas, Base - (4 * Page), 60 * Page));
    }

    [Fact]
    [Trait("Requirement", "R3.12")]
    public void A_copy_is_pinned_and_charged_once_and_outlives_what_it_was_made_of()
    {
        using var rig = new IommufdRig();
        var (first, second) = (rig.Ioas(), rig.Ioas());
        rig.Attached(Rig.NetworkCard, first);
        rig.Attached(Rig.Disk, second);
        var memory = rig.Rig.Memory(16 * Page);
        Assert.Equal(Errno.None, rig.MapAt(first, memory, 8 * Page, 0));
        Assert.Equal((Errno.None, Page), rig.Copy(second, first, IommufdRig.FixedReadWrite, 2 * Page, Page, 3 * Page));
        Assert.Equal((Errno.None, 0x10_0000UL), rig.Copy(second, first, IommufdRig.FixedReadWrite, 8 * Page, 0x10_0000, 0));
        Assert.Equal((8UL, 8UL), (rig.Census.PinnedPages, rig.Census.LockedPages));
        Assert.Equal(Errno.None, rig.Unmap(first, 0, Max).Errno);
        Assert.Equal(8UL, rig.Census.PinnedPages);
        Assert.True(rig.Kernel.DmaWrite(Rig.Disk, new Iova(0x10_7ff0), "across"u8).IsCompleted);
        Assert.Equal("across"u8.ToArray(), Rig.Bytes(memory + 0x7ff0, 6).ToArray());
        Assert.Equal(Errno.None, rig.Unmap(second, 0x10_0000, 8 * Page).Errno);
        Assert.Equal((2UL, 2UL), (rig.Census.PinnedPages, rig.Census.LockedPages));
        Assert.True(rig.Kernel.DmaWrite(Rig.Disk, new Iova(0x1ffe), "seam"u8).IsCompleted);
        Assert.Equal("seam"u8.ToArray(), Rig.Bytes(memory + 0x3ffe, 4).ToArray());
        Assert.Equal(Errno.None, rig.Unmap(second, 0, Max).Errno);
        Assert.Equal((0UL, 0UL), (rig.Census.PinnedPages, rig.Census.LockedPages));
    }

    /// <summary>Destination, source, flags, length, to, from, errno.</summary>
    public static TheoryData<uint, uint, uint, ulong, ulong, ulong, int> Copies => new()
    {
        { 1, 1, 12, 0, 0, Max, 95 },
        { 1, 9, 0, 0, 0, Max, 75 },
        { 1, 9, 7, Max, 0, 0, 75 },
        { 1, 9, 7, 0, Max, 0, 75 },
        { 9, 9, 1, 0, 0, 0, 22 },
        { 9, 9, 7, 0, 0, 0, 2 },
        { 9, 1, 7, 0, 0, 0, 22 },
        { 9, 1, 7, Max - 1, 0, 0x30_0000, 75 },
        { 9, 1, 7, Page, 0, 0x70_0000, 2 },
        { 9, 1, 7, 9 * Page, 0, Base, 2 },
        { 9, 1, 7, Page, 0, Base, 2 },
        { 1, 1, 7, Page, Base, Base, 17 },
        { 1, 1, 7, Page, 0x20_0000, 0x30_0000, 1 },
        { 1, 1, 5, Page, 0x20_0000, 0x30_0000, 0 },
        { 1, 1, 4, Page, 0, 0x30_0000, 0 },
        { 1, 1, 7, 7 * Page, 0x20_0000, Base + 0x800, 0 },
        { 2, 1, 7, 100, 0x21, Base + 0x3ff0, 0 },
    };

    [Theory]
    [MemberData(nameof(Copies))]
    public void Copy_tests_in_the_kernels_order(uint to, uint from, uint flags, ulong length, ulong toIova, ulong fromIova, int errno)
    {
        using var rig = new IommufdRig();
        var ioas = rig.Ioas();
        rig.Ioas();
        Assert.Equal(Errno.None, rig.MapAt(ioas, 0, 4 * Page, Base));
        Assert.Equal(Errno.None, rig.MapAt(ioas, 0x10_0000, 4 * Page, Base + (4 * Page)));
        Assert.Equal(Errno.None, rig.Map(ioas, 5, 0, Page, 0x30_0000).Errno);
        Assert.Equal(errno, rig.Copy(to, from, flags, length, toIova, fromIova).Errno.Number);
    }

    [Fact]
    public void A_copy_across_areas_is_as_many_areas()
    {
        using var rig = new IommufdRig();
        var ioas = rig.Ioas();
        Assert.Equal(Errno.None, rig.MapAt(ioas, 0, 4 * Page, Base));
        Assert.Equal(Errno.None, rig.MapAt(ioas, 0, 4 * Page, Base + (4 * Page)));
        Assert.Equal(Errno.None, rig.Copy(ioas, ioas, 7, 4 * Page, 0x20_0000, Base + (2 * Page)).Errno);
        Assert.Equal(4, rig.Census.Areas);
        Assert.Equal((Errno.None, 2 * Page), rig.Unmap(ioas, 0x20_0000, 2 * Page));
        Assert.Equal((Errno.None, 2 * Page), rig.Unmap(ioas, 0x20_0000, 4 * Page));
    }

    /// <summary>IOAS, what stands behind the descriptor, start, length, errno without and with a page table.</summary>
    [Theory]
    [InlineData(9u, "none", 0UL, 0UL, 2, 2)]
    [InlineData(1u, "none", 0UL, 0UL, 22, 22)]
    [InlineData(1u, "none", Max, 2UL, 75, 75)]
    [InlineData(1u, "none", 0UL, Page, 9, 9)]
    [InlineData(1u, "event", 0UL, Page, 0, 22)]
    [InlineData(1u, "iommufd", 0UL, Page, 0, 22)]
    [InlineData(1u, "memory", 0UL, 4 * Page, 0, 0)]
    [InlineData(1u, "memory", 3 * Page, 2 * Page, 0, 22)]
    [InlineData(1u, "memory", 5UL, 3UL, 0, 22)]
    [InlineData(1u, "memory", 0UL, Page + 1, 0, 22)]
    public void A_file_is_looked_at_when_its_pages_are_pinned(uint id, string file, ulong start, ulong length, int bare, int attached)
    {
        using var rig = new IommufdRig();
        var descriptor = file switch
        {
            "event" => Rig.Good(rig.Kernel.CreateEvent()).Descriptor,
            "iommufd" => rig.File,
            "memory" => Rig.Good(rig.Kernel.CreateMemfd("test", 4 * Page)).Descriptor,
            _ => 9999,
        };
        var ioas = rig.Ioas();
        Assert.Equal(bare, rig.MapFile(id, 7, descriptor, start, length, start % Page).Errno.Number);
        Assert.Equal(Errno.None, rig.Unmap(ioas, 0, Max).Errno);
        rig.Attached(Rig.NetworkCard, ioas);
        Assert.Equal(attached, rig.MapFile(id, 7, descriptor, start, length, 0).Errno.Number);
        Assert.Equal(attached == 0 ? 4UL : 0, rig.Census.PinnedPages);
    }

    [Fact]
    public void A_mapped_file_is_the_guests_memory_and_stays_when_its_descriptor_and_mapping_go()
    {
        using var rig = new IommufdRig();
        var ioas = rig.Ioas();
        rig.Attached(Rig.NetworkCard, ioas);
        var file = Rig.Good(rig.Kernel.CreateMemfd("guest", 4 * Page)).Descriptor;
        var address = new HostAddress((ulong)Rig.Good(rig.Kernel.Map(4 * Page, MappingProtection.ReadWrite, MappingSharing.Shared, file, 0)).Value);
        Assert.Equal(Errno.None, rig.MapFile(ioas, 7, file, Page, 2 * Page, 0x5000).Errno);
        Assert.True(rig.Kernel.DmaWrite(Rig.NetworkCard, new Iova(0x5ffe), "seam"u8).IsCompleted);
        Assert.Equal("seam"u8.ToArray(), Rig.Bytes(address.Value + 0x1ffe, 4).ToArray());
        Rig.Good(rig.Kernel.Unmap(address, 4 * Page));
        Rig.Good(rig.Kernel.CloseMemfd(file));
        var read = new byte[4];
        Assert.True(rig.Kernel.DmaRead(Rig.NetworkCard, new Iova(0x5ffe), read).IsCompleted);
        Assert.Equal("seam"u8.ToArray(), read);
        Assert.Equal(Errno.None, rig.Unmap(ioas, 0, Max).Errno);
        Assert.Equal((0UL, 0UL), (rig.Census.PinnedPages, rig.Census.LockedPages));
    }
}
