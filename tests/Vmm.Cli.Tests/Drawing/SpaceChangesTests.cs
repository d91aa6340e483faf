using Vmm.Cli.Drawing;
using Vmm.Cli.Maps;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.Reserved;

namespace Vmm.Cli.Tests.Drawing;

public sealed class SpaceChangesTests
{
    private static readonly SpacePicture.Mapping Low = Pictures.Ram(0, 0x10_0000);
    private static readonly SpacePicture.Mapping High = Pictures.Ram(1UL << 32, 1UL << 30, name: "dimm");

    [Fact]
    public void What_is_mapped_anew_is_added() => Assert.Equal(["container-1: + mapped 1 GiB (dimm)"], Changes([Low], [Low, High]));

    [Fact]
    public void What_is_mapped_no_more_is_removed() => Assert.Equal(["container-1: - unmapped 1 GiB (dimm)"], Changes([Low, High], [Low]));

    [Fact]
    public void Other_access_or_other_bytes_are_changed()
    {
        Assert.Equal(["container-1: ~ mapped in another way 1 MiB (pc.ram)"], Changes([Low], [Low with { Access = DmaAccess.Read }]));
        Assert.Equal(["container-1: ~ mapped in another way 1 MiB (pc.ram)"], Changes([Low], [Low with { Offset = 0x1000 }]));
    }

    [Fact]
    public void Other_cuts_are_no_difference() =>
        Assert.Empty(Changes([Low], [Pictures.Ram(0, 0x8_0000), Pictures.Ram(0x8_0000, 0x8_0000)]));

    [Fact]
    public void What_was_unmapped_and_mapped_again_is_churn_where_it_is_as_before()
    {
        var remapped = StoryBuilder.Remapped(
        [
            "VFIO_IOMMU_UNMAP_DMA 0x0-0xfffff", "VFIO_IOMMU_MAP_DMA 0x0-0x7ffff rw", "VFIO_IOMMU_MAP_DMA 0x80000-0xfffff rw",
            "VFIO_IOMMU_UNMAP_DMA 0x100000000-0x13fffffff = EINVAL", "VFIO_IOMMU_MAP_DMA 0x100000000-0x13fffffff rw",
        ]);

        Assert.Equal([IovaRange.FromBounds(0, 0xfffff)], remapped);
        Assert.Equal(["container-1: ↻ unmapped and mapped again as it was 1 MiB (pc.ram)"], Changes([Low, High], [Low, High], remapped));
    }

    [Fact]
    public void A_container_that_comes_or_goes_says_what_it_holds()
    {
        var with = Pictures.Space(Pictures.Container(Low));
        var without = Pictures.Space();

        Assert.Equal(["container-1: new, with 1 MiB mapped in 1 entries"], Of(new SpaceFrame(with, without)));
        Assert.Equal(["container-1 is gone, with 1 MiB mapped in 1 entries"], Of(new SpaceFrame(without, with)));
    }

    [Fact]
    public void Windows_that_shrink_are_told_and_marked()
    {
        var before = Pictures.Container(Low);
        var now = before with { Windows = new ValidIovaRanges([IovaRange.FromBounds(0, 0xffff_ffff)]) };
        var frame = new SpaceFrame(Pictures.Space(now), Pictures.Space(before));

        Assert.Equal(["container-1: windows now 0x0-0xffffffff"], Of(frame));
        Assert.Contains(IovaRows.Of(frame), row => row.Cells[0].Difference == Difference.Window && row.Range.Start.Value == 1UL << 32);
        Assert.False(frame.IsAsBefore);
    }

    [Fact]
    public void The_same_picture_is_as_before() =>
        Assert.True(new SpaceFrame(Pictures.Space(Pictures.Container(Low)), Pictures.Space(Pictures.Container(Low)) with { Generation = 7 }).IsAsBefore);

    private static IReadOnlyList<string> Changes(
        IReadOnlyList<SpacePicture.Mapping> before, IReadOnlyList<SpacePicture.Mapping> now, IReadOnlyList<IovaRange>? remapped = null) =>
        Of(new SpaceFrame(Pictures.Space(Pictures.Container(now)), Pictures.Space(Pictures.Container(before))) { Remapped = remapped ?? [] });

    private static IReadOnlyList<string> Of(SpaceFrame frame) => SpaceChanges.Of(frame, IovaRows.Of(frame));
}
