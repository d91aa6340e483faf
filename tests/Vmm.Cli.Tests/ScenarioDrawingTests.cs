using Vmm.Cli.Drawing;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.Reserved;

namespace Vmm.Cli.Tests;

public sealed class ScenarioDrawingTests
{
    private static readonly ReservedRegion Msi = new(ReservedRegionKind.Msi, IovaRange.FromBounds(0xfee0_0000, 0xfeef_ffff), "group 7", "sysfs");

    private static readonly ValidIovaRanges Windows =
        new([IovaRange.FromBounds(0, 0xfedf_ffff), IovaRange.FromBounds(0xfef0_0000, 0xffff_ffff_ffff)]);

    [Fact]
    public void Two_containers_stand_side_by_side_with_notes_below()
    {
        const string Expected = """
              IOVA space memory  view 4
                                                            container-1     container-2
                         0x0 ┤   768 KiB  pc.ram            █████ rw ██████ █████ rw ██████
                     0xc0000 ┤   256 KiB  pc.rom            ▓▓▓▓▓ ro ▓▓▓▓▓▓ ▓▓▓▓▓ ro ▓▓▓▓▓▓
                    0x100000 ┤  1975 MiB  pc.ram            █████ rw ██████ █████ rw ██████
                  0x7b800000 ┤    72 MiB  pc.ram            █████ rw* █████ █████ rw ██████
                  0x80000000 ┊  ~2.0 GiB
                  0xfebf8000 ┤     8 KiB  0000:01:00.0 BAR… █████ rw ██████ ╌╌╌ skipped ╌╌╌
                  0xfebfa000 ┊  2072 KiB
                  0xfee00000 ┤     1 MiB  msi               ╳╳ reserved ╳╳╳ ╳╳ reserved ╳╳╳
                  0xfef00000 ┊~256.0 TiB
             0x1000000000000 ┊ ~16.0 EiB                    ░░ no window ░░ ░░ no window ░░
              container-1: groups 7, 9; devices 0000:00:0a.0, 0000:01:00.0
                4 entries; page sizes unknown
                windows 0x0-0xfedfffff, 0xfef00000-0xffffffffffff
              container-2: group 20; device 0000:08:00.0
                3 entries; page sizes unknown
                windows 0x0-0xfedfffff, 0xfef00000-0xffffffffffff
              * 0x7b800000-0x7fffffff direct-relaxable of group 9: never in the way
              ╳ 0xfee00000-0xfeefffff msi of group 7, group 9, group 20
              ╌ 0xfebf8000-0xfebf9fff 0000:01:00.0 BAR 0 is left out of container-2: the
                kernel cannot pin it: EFAULT (14, bad address)
            """;
        Assert.Equal(Expected.ReplaceLineEndings(), Text(TwoContainers()));
    }

    [Fact]
    public void No_line_is_wider_than_80_columns()
    {
        var many = TwoContainers() with { Containers = [.. Enumerable.Range(1, 5).SelectMany(_ => TwoContainers().Containers)] };
        Assert.All(IovaDrawing.Draw(many), line => Assert.InRange(line.ToString().Length, 0, 80));
    }

    [Fact]
    public void A_space_without_container_says_so() =>
        Assert.Contains("no container", Text(new SpacePicture("memory", 1, [])), StringComparison.Ordinal);

    [Fact]
    public void A_failed_unmap_is_shown_and_told()
    {
        var dying = new SpacePicture("memory", 1, [new SpacePicture.Container("container-1", "group 7")
        {
            Mapped = [new(IovaRange.FromBounds(0, 0xfff), "pc.ram", DmaAccess.ReadWrite, IsDying: true)],
            Degraded = "an unmap failed",
        }]);
        Assert.Contains("0x0-0xfff pc.ram is dying in container-1", Text(dying), StringComparison.Ordinal);
        Assert.Contains("container-1 is degraded: an unmap failed", Text(dying), StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_cover_the_whole_space_once()
    {
        var rows = IovaRows.Of(new SpaceFrame(TwoContainers()));
        Assert.Equal(0UL, rows[0].Range.Start.Value);
        Assert.Equal(ulong.MaxValue, rows[^1].Range.Last.Value);
        Assert.All(rows.Zip(rows.Skip(1)), pair => Assert.True(pair.First.Range.IsFollowedBy(pair.Second.Range)));
    }

    [Theory]
    [InlineData(1, "1 B")]
    [InlineData(4096, "4 KiB")]
    [InlineData(0x7ff0_0000, "2047 MiB")]
    [InlineData(0x1_0000_1000, "~4.0 GiB")]
    public void Sizes_are_exact_where_five_digits_can_say_it(ulong bytes, string expected) => Assert.Equal(expected, ByteSize.Of(bytes));

    private static string Text(SpacePicture picture) => string.Join(Environment.NewLine, IovaDrawing.Draw(picture));

    private static SpacePicture TwoContainers()
    {
        SpacePicture.Mapping[] ram =
        [
            new(IovaRange.FromBounds(0, 0xbffff), "pc.ram", DmaAccess.ReadWrite),
            new(IovaRange.FromBounds(0xc0000, 0xfffff), "pc.rom", DmaAccess.Read),
            new(IovaRange.FromBounds(0x100000, 0x7fff_ffff), "pc.ram", DmaAccess.ReadWrite),
        ];
        var bar = IovaRange.FromBounds(0xfebf_8000, 0xfebf_9fff);
        return new SpacePicture("memory", 4,
        [
            new SpacePicture.Container("container-1", "groups 7, 9; devices 0000:00:0a.0, 0000:01:00.0")
            {
                Mapped = [.. ram, new(bar, "0000:01:00.0 BAR 0", DmaAccess.ReadWrite)],
                Reserved = [Msi, Msi with { Owner = "group 9" }, new(ReservedRegionKind.DirectRelaxable, IovaRange.FromBounds(0x7b80_0000, 0x7fff_ffff), "group 9", "sysfs")],
                Windows = Windows,
            },
            new SpacePicture.Container("container-2", "group 20; device 0000:08:00.0")
            {
                Mapped = ram,
                Skipped = [new(bar, "0000:01:00.0 BAR 0", "the kernel cannot pin it: EFAULT (14, bad address)")],
                Reserved = [Msi with { Owner = "group 20" }],
                Windows = Windows,
            },
        ]);
    }
}
