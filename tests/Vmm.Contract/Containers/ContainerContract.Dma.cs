using Vmm.Contract.Hosts;
using Vmm.Iommu.Addressing;

namespace Vmm.Contract.Containers;

/// <summary>What devices reach: bytes that a device moves, not what a table says.</summary>
public abstract partial class ContainerContract
{
    private const ulong Source = 0x10_0000;
    private const ulong Target = 0x20_0000;
    private const int Length = 2048;

    [SkippableFact]
    public void A_device_reads_and_writes_what_is_mapped()
    {
        using var opened = Open(DeviceRole.Dma);
        var buffer = Host.DmaBuffer(opened.OpenDevice(DeviceRole.Dma));
        var sent = Pattern(opened, page: 1);
        Assert.True(opened.Map(Source, page: 1).IsOk);
        Assert.True(opened.Map(Target, page: 2).IsOk);
        buffer.Load(new Iova(Source), Length);
        buffer.Store(new Iova(Target), Length);
        Assert.Equal(sent, Bytes(opened, page: 2));
    }

    [SkippableFact]
    public void A_device_does_not_reach_what_is_unmapped()
    {
        using var opened = Open(DeviceRole.Dma);
        var buffer = Host.DmaBuffer(opened.OpenDevice(DeviceRole.Dma));
        Pattern(opened, page: 1);
        Assert.True(opened.Map(Source, page: 1).IsOk);
        Assert.True(opened.Map(Target, page: 2).IsOk);
        buffer.Load(new Iova(Source), Length);
        Assert.Equal((long)Page, opened.Unmap(Target));
        buffer.Store(new Iova(Target), Length);
        Assert.Equal(new byte[Length], Bytes(opened, page: 2));

        Assert.True(opened.Map(Target, page: 3).IsOk);
        buffer.Store(new Iova(Target), Length);
        Assert.Equal(new byte[Length], Bytes(opened, page: 2));
        Assert.NotEqual(new byte[Length], Bytes(opened, page: 3));
    }

    [SkippableFact]
    public void A_device_does_not_write_what_is_mapped_to_be_read()
    {
        using var opened = Open(DeviceRole.Dma);
        var buffer = Host.DmaBuffer(opened.OpenDevice(DeviceRole.Dma));
        var sent = Pattern(opened, page: 1);
        Assert.True(opened.Map(Source, page: 1, access: DmaAccess.Read).IsOk);
        Assert.True(opened.Map(Target, page: 2, access: DmaAccess.Read).IsOk);
        buffer.Load(new Iova(Source), Length);
        buffer.Store(new Iova(Target), Length);
        Assert.Equal(new byte[Length], Bytes(opened, page: 2));

        Assert.True(opened.Map(Target + Page, page: 3).IsOk);
        buffer.Store(new Iova(Target + Page), Length);
        Assert.Equal(sent, Bytes(opened, page: 3));
    }

    /// <summary>Fills the first half of a page with bytes that no empty page has.</summary>
    private static byte[] Pattern(OpenedContainer opened, int page)
    {
        var bytes = Enumerable.Range(0, Length).Select(at => (byte)((at * 31) + 7)).ToArray();
        opened.Memory.Write((ulong)page * Page, bytes);
        return bytes;
    }

    private static byte[] Bytes(OpenedContainer opened, int page) => opened.Memory.Bytes((ulong)page * Page, Length).ToArray();
}
