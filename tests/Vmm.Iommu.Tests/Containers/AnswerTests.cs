using System.Buffers.Binary;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.Containers;
using Vmm.Iommu.Containers.Type1;
using Vmm.Iommu.Kernel;

namespace Vmm.Iommu.Tests.Containers;

/// <summary>Answers of the kernel as bytes: sound ones as a VT-d host gives them, and ones that contradict themselves.</summary>
[Trait("Requirement", "R0.2")]
public sealed class AnswerTests
{
    [Fact]
    public void The_answer_of_a_vtd_host_is_read()
    {
        var info = Type1Answer.Read(Type1()).Info!;
        Assert.Equal("0x0-0xfedfffff 0xfef00000-0xffffffffffff", info.Windows!.ToString());
        Assert.Equal(new PageSizes(0x4020_1000), info.PageSizes);
        Assert.Equal(65535u, info.EntriesLeft);
    }

    [Fact]
    public void Without_capabilities_nothing_is_claimed()
    {
        var answer = Type1();
        BinaryPrimitives.WriteUInt32LittleEndian(answer.AsSpan(4), VfioUapi.InfoPageSizes);
        Assert.Equal(new ContainerInfo(Windows: null, new PageSizes(0x4020_1000), EntriesLeft: null), Type1Answer.Read(answer).Info);
    }

    [Fact]
    public void Without_page_sizes_pages_have_4_kib()
    {
        var answer = Type1();
        BinaryPrimitives.WriteUInt32LittleEndian(answer.AsSpan(4), VfioUapi.InfoCaps);
        Assert.Equal(PageSizes.FourKiB, Type1Answer.Read(answer).Info!.PageSizes);
    }

    [Theory]
    [InlineData(16, 0x4000u, "points to a capability at 0x4000")]
    [InlineData(28, 24u, "loop")]
    [InlineData(80, 3u, "claims 3 ranges")]
    [InlineData(80, uint.MaxValue, "claims 4294967295 ranges")]
    [InlineData(88, 0xffff_ffffu, "ends at 0xfedfffff, below its start")]
    public void An_answer_that_contradicts_itself_is_not_believed(int at, uint value, string words)
    {
        var answer = Type1();
        BinaryPrimitives.WriteUInt32LittleEndian(answer.AsSpan(at), value);
        var read = Type1Answer.Read(answer);
        Assert.Null(read.Info);
        Assert.Contains(words, read.Fault, StringComparison.Ordinal);
    }

    [Fact]
    public void A_stub_of_an_answer_is_not_believed() => Assert.NotNull(Type1Answer.Read(new byte[16]).Fault);

    [Fact]
    public void A_region_with_sparse_areas_may_be_mapped_there_alone()
    {
        var region = DeviceRegion.Read(Region(0x10000, (0, 0x4000), (0x8000, 0x8000)), out var fault);
        Assert.Null(fault);
        Assert.Equal([new DeviceRegion.Part(0, 0x4000), new DeviceRegion.Part(0x8000, 0x8000)], region!.Mappable);
    }

    [Theory]
    [InlineData(0x8000, 0x8001)]
    [InlineData(0x10001, 0)]
    [InlineData(ulong.MaxValue, 2)]
    public void A_sparse_area_outside_the_region_is_not_believed(ulong offset, ulong length)
    {
        Assert.Null(DeviceRegion.Read(Region(0x10000, (offset, length)), out var fault));
        Assert.Contains("not inside the region", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Sparse_areas_that_are_not_there_are_not_believed()
    {
        var answer = Region(0x10000, (0, 0x4000));
        BinaryPrimitives.WriteUInt32LittleEndian(answer.AsSpan(40), 9);
        Assert.Null(DeviceRegion.Read(answer, out var fault));
        Assert.Contains("claims 9 areas", fault, StringComparison.Ordinal);
        Assert.Null(DeviceRegion.Read(new byte[8], out fault));
        Assert.NotNull(fault);
    }

    /// <summary>Fixed part 24, migration 32, entries left 16, two IOVA ranges 48: 120 bytes.</summary>
    private static byte[] Type1()
    {
        var bytes = new byte[120];
        var span = bytes.AsSpan();
        BinaryPrimitives.WriteUInt32LittleEndian(span, 120);
        BinaryPrimitives.WriteUInt32LittleEndian(span[4..], VfioUapi.InfoPageSizes | VfioUapi.InfoCaps);
        BinaryPrimitives.WriteUInt64LittleEndian(span[8..], 0x4020_1000);
        BinaryPrimitives.WriteUInt32LittleEndian(span[16..], 24);
        Header(span[24..], VfioUapi.CapMigration, 56);
        Header(span[56..], VfioUapi.CapDmaAvail, 72);
        BinaryPrimitives.WriteUInt32LittleEndian(span[64..], 65535);
        Header(span[72..], VfioUapi.CapIovaRange, 0);
        BinaryPrimitives.WriteUInt32LittleEndian(span[80..], 2);
        BinaryPrimitives.WriteUInt64LittleEndian(span[96..], 0xfedf_ffff);
        BinaryPrimitives.WriteUInt64LittleEndian(span[104..], 0xfef0_0000);
        BinaryPrimitives.WriteUInt64LittleEndian(span[112..], 0xffff_ffff_ffff);
        return bytes;
    }

    private static byte[] Region(ulong size, params (ulong Offset, ulong Length)[] areas)
    {
        var bytes = new byte[48 + (areas.Length * 16)];
        var span = bytes.AsSpan();
        BinaryPrimitives.WriteUInt32LittleEndian(span, (uint)bytes.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(span[4..], VfioUapi.RegionRead | VfioUapi.RegionMmap | VfioUapi.RegionCaps);
        BinaryPrimitives.WriteUInt32LittleEndian(span[12..], 32);
        BinaryPrimitives.WriteUInt64LittleEndian(span[16..], size);
        Header(span[32..], 1, 0);
        BinaryPrimitives.WriteUInt32LittleEndian(span[40..], (uint)areas.Length);
        for (var index = 0; index < areas.Length; index++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(span[(48 + (index * 16))..], areas[index].Offset);
            BinaryPrimitives.WriteUInt64LittleEndian(span[(56 + (index * 16))..], areas[index].Length);
        }

        return bytes;
    }

    private static void Header(Span<byte> at, ushort id, uint next)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(at, id);
        BinaryPrimitives.WriteUInt16LittleEndian(at[2..], 1);
        BinaryPrimitives.WriteUInt32LittleEndian(at[4..], next);
    }
}
