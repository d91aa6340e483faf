using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.GuestMemory;

namespace Vmm.Iommu.Tests.AddressSpaces;

public class MtreeParserTests
{
    private const string Head = "FlatView #0\n AS \"memory\", root: system\n Root memory region: system\n";
    private const string Ram = "  0000000000000000-00000000000bffff (prio 0, ram): pc.ram\n";

    public static TheoryData<string> Maps => [.. RepositoryFiles.MemoryMaps];

    [Theory]
    [MemberData(nameof(Maps))]
    public void Every_captured_memory_map_parses_and_makes_a_view_with_memory(string name)
    {
        var map = MtreeParser.Parse(File.ReadAllText(RepositoryFiles.At($"configs/memory-maps/{name}")), name);

        var view = map.ToFlatView(Block);

        Assert.NotEmpty(SectionFilter.FourKiB.Filter(view));
        Assert.Equal(map.Select().Sections.Count, view.Count);
    }

    [Fact]
    public void A_q35_has_the_sections_that_qemu_printed()
    {
        var map = MtreeParser.Parse(File.ReadAllText(RepositoryFiles.At("configs/memory-maps/q35-viommu.txt")), "q35-viommu.txt");

        Assert.Equal(5, map.Views.Count);
        Assert.Null(map.Views[1].Root);
        Assert.Empty(map.Views[1].Sections);
        Assert.Equal(["memory", "cpu-memory-0"], map.Select().AddressSpaces);
        Assert.Equal("vtd-nodmar", map.Select("vtd-root").Root);
        Assert.Equal(0x8000_0000u, map.MemoryRegions["pc.ram"]);
        var view = map.ToFlatView(Block);
        Assert.True(view.TryFind(new Iova(0xe0000), out var bios));
        Assert.Equal((SectionKind.Ram, true, 0x20000ul, "pc.bios"), (bios.Kind, bios.ReadOnly, bios.OffsetInBlock, bios.Name));
    }

    [Theory]
    [InlineData("pc.ram KVM", "pc.ram", 0)]
    [InlineData("0000:00:05.0 BAR 0 mmaps[0] @0000000000002410", "0000:00:05.0 BAR 0 mmaps[0]", 0x2410)]
    [InlineData("pc.bios @0000000000020000 KVM", "pc.bios", 0x20000)]
    [InlineData("mem @0000000000001000 KVM owner:{obj path=/objects/mem}", "mem", 0x1000)]
    public void Names_may_have_blanks_and_annotations_behind_them(string printed, string name, ulong offset)
    {
        var section = Assert.Single(MtreeParser.Parse($"{Head}  0000000000000000-0000000000000fff (prio 0, nv-ram): {printed}\n", "x").Select().Sections);

        Assert.Equal((name, offset, SectionKind.Ram), (section.Region, section.Offset, section.Kind));
    }

    [Theory]
    [InlineData("", "x:1: there is no view in it")]
    [InlineData(Ram, "x:1: \"0000000000000000-00000000000bffff (prio 0, ram): pc.ram\" stands before the first view")]
    [InlineData("FlatView #0\n AS \"memory\", root: system\n", "x:1: FlatView #0 is cut short")]
    [InlineData(Head, "x:1: FlatView #0 is cut short")]
    [InlineData(Head + "  0000000000000000-00000", "x:4: \"0000000000000000-00000\" is no section")]
    [InlineData(Head + "  0000000000000000-00000 (prio 0, ram): pc.ram", "x:4: \"00000\" has 5 digits")]
    [InlineData(Head + "  0000000000001000-0000000000000fff (prio 0, ram): pc.ram", "x:4: the section starts at 0x1000, above its last byte 0xfff")]
    [InlineData(Head + "  0000000000000000-10000000000000000 (prio 0, ram): pc.ram", "x:4: \"10000000000000000\" is past 2^64")]
    [InlineData(Head + Ram + "  00000000000bffff-00000000000fffff (prio 0, ram): b", "x:5: b at 0xbffff-0xfffff overlaps pc.ram at 0x0-0xbffff of line 4")]
    [InlineData(Head + "  0000000000002000-0000000000002fff (prio 0, ram): a\n" + Ram, "x:5: pc.ram at 0x0-0xbffff overlaps a at 0x2000-0x2fff of line 4")]
    [InlineData(Head + "  0000000000f00000-0000000000ffffff (prio 0, ram): a\n" + Ram, "x:5: pc.ram at 0x0-0xbffff comes after a at 0xf00000-0xffffff of line 4")]
    [InlineData(Head + "  0000000000000000-0000000000000fff (prio 0, rum): pc.ram", "x:4: \"rum\" is no kind of memory")]
    [InlineData(Head + "  0000000000000000-0000000000000fff (prio 0, ram): a @ffffffffffffff00", "x:4: a would reach past 2^64 bytes")]
    [InlineData(Head + "  0000000000000000-ffffffffffffffff (prio 0, ram): a", "x:4: a would reach past 2^64 bytes")]
    public void Bad_input_names_file_and_line_what_is_wrong_and_what_is_right(string text, string words)
    {
        var message = Assert.Throws<FormatException>(() => MtreeParser.Parse(text, "x")).Message;

        Assert.StartsWith(words, message, StringComparison.Ordinal);
        Assert.Contains("; ", message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void An_address_space_that_is_not_there_is_refused_with_those_that_are() =>
        Assert.Equal(
            "x: no address space \"system\"; there are \"memory\"",
            Assert.Throws<FormatException>(() => MtreeParser.Parse(Head + Ram, "x").Select("system")).Message);

    private static RamBlock Block(string name, ulong length) => RamBlock.FromExisting(name, new HostAddress(0x7000_0000_0000), length);
}
