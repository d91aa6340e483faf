using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.Planning;
using Vmm.Iommu.Reserved;

namespace Vmm.Iommu.Tests.Planning;

public class LayoutProposalTests
{
    private const ulong GiB = 1UL << 30;
    private const ulong TiB = 1UL << 40;
    private static readonly IovaRange Msi = IovaRange.FromBounds(0xfee0_0000, 0xfeef_ffff);
    private static readonly IovaRange HyperTransport = IovaRange.FromBounds(0xfd_0000_0000, 0xff_ffff_ffff);
    private static readonly RamBlock Ram = Tables.Block("ram");

    [Fact]
    [Trait("Requirement", "R1.5")]
    public void Ram_over_the_interrupt_window_is_cut_at_a_gigabyte_and_goes_on_above_4_GiB()
    {
        var found = Propose([Section("mach-virt.ram", 0x4000_0000, 3 * GiB), Section("virt.flash0", 0, 0x400_0000, SectionKind.RomDevice)], Msi);

        var move = Assert.Single(found.Moves);
        Assert.Equal(("mach-virt.ram", 2 * GiB, "0xc0000000-0xffffffff", "0x100000000-0x13fffffff"), (move.Region, move.Offset, $"{move.From}", $"{move.To}"));
        Assert.Contains("-m 2G and the other 1G as a pc-dimm with addr=0x100000000", found.Hint, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Requirement", "R1.5")]
    public void A_pc_is_told_where_its_ram_below_4_GiB_ends()
    {
        var found = Propose([Section("pc.ram", 0, 0xff00_0000), Section("pc.ram", 4 * GiB, GiB, offset: 0xff00_0000), Section("pc.rom", 0xffff_0000, 0x1_0000, SectionKind.Io)], Msi);

        Assert.Equal("QEMU's pc and q35 take -machine max-ram-below-4g=3G", found.Hint);
        Assert.Equal(["0x0-0xbfffffff", "0x100000000-0x17effffff"], found.View!.Where(section => section.Name == "pc.ram").Select(section => $"{section.Range}"));
    }

    [Fact]
    [Trait("Requirement", "R1.5")]
    public void Ram_over_the_range_of_an_amd_host_begins_at_1_TiB()
    {
        var found = Propose([Section("pc.ram", 0, 2 * GiB), Section("pc.ram", 4 * GiB, TiB, offset: 2 * GiB), Section("pc.rom", 0xffff_0000, 0x1_0000, SectionKind.Io)], HyperTransport);

        Assert.StartsWith("QEMU begins RAM above 4 GiB at 1 TiB by itself for an AMD processor model", found.Hint, StringComparison.Ordinal);
        Assert.Equal("0x10000000000", $"{found.View![^1].Range.Start}");
    }

    [Fact]
    public void A_view_that_fits_stays_as_it_is()
    {
        var view = new FlatView([Section("ram", 0, 2 * GiB)]);

        var found = LayoutProposal.For(view, SectionFilter.FourKiB, ValidIovaRanges.All.Without(Msi));

        Assert.Equal((view, null, ""), (found.View, found.WhyNone, found.Hint));
        Assert.Empty(found.Moves);
    }

    [Fact]
    public void A_section_in_nobodys_way_stays_as_it_is_and_those_that_move_are_joined()
    {
        const ulong Low = 0x10_0000;
        var view = new FlatView(
        [
            Section("ram", 0, Low), Section("ram", Low, Low, offset: Low),
            Section("ram", 0xfee0_0000, Low, offset: 2 * Low), Section("ram", 4 * GiB, Low, offset: 3 * Low),
        ]);

        var found = LayoutProposal.For(view, SectionFilter.FourKiB, ValidIovaRanges.All.Without(Msi));

        Assert.Same(view[0], found.View![0]);
        Assert.Same(view[1], found.View[1]);
        Assert.Equal(("0x100200000-0x1003fffff", 2 * Low), ($"{found.View[2].Range}", found.View[2].OffsetInRegion));
        Assert.Equal(["0xfee00000-0xfeefffff", "0x100000000-0x1000fffff"], found.Moves.Select(move => $"{move.From}"));
    }

    [Fact]
    public void Rom_stays_where_the_machine_puts_it_so_that_one_in_a_hole_leaves_no_layout()
    {
        var found = Propose([Section("pc.bios", 0xfee0_0000, 0x1_0000) with { ReadOnly = true }], Msi);

        Assert.Null(found.View);
        Assert.Equal("pc.bios at 0xfee00000-0xfee0ffff is ROM, whose place the machine fixes", found.WhyNone);
    }

    [Fact]
    public void Where_nothing_is_free_above_4_GiB_it_says_how_much_is_missing()
    {
        var found = LayoutProposal.For(new FlatView([Section("ram", 0x4000_0000, 3 * GiB)]), SectionFilter.FourKiB, new ValidIovaRanges([IovaRange.FromBounds(0, 0xffff_ffff)]).Without(Msi));

        Assert.Null(found.View);
        Assert.Contains("1048576 bytes of RAM lie where nothing can be mapped", found.WhyNone, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_the_rest_of_a_region_has_no_room_the_bytes_in_the_way_alone_are_moved()
    {
        // Two free megabytes above 4 GiB: not a gigabyte, but what the window takes.
        var reach = new ValidIovaRanges([IovaRange.FromBounds(0, (4 * GiB) + 0x1f_ffff)]).Without(Msi);

        var found = LayoutProposal.For(new FlatView([Section("ram", 0x4000_0000, 3 * GiB)]), SectionFilter.FourKiB, reach);

        var move = Assert.Single(found.Moves);
        Assert.Equal(("0xfee00000-0xfeefffff", "0x100000000-0x1000fffff"), ($"{move.From}", $"{move.To}"));
    }

    private static LayoutProposal Propose(IEnumerable<MemorySection> sections, IovaRange hole) =>
        LayoutProposal.For(new FlatView(sections), SectionFilter.FourKiB, ValidIovaRanges.All.Without(hole));

    private static MemorySection Section(string name, ulong start, ulong length, SectionKind kind = SectionKind.Ram, ulong offset = 0) =>
        new(IovaRange.FromLength(start, length), kind, name, offset, false, kind == SectionKind.Ram ? Ram : null, kind == SectionKind.Ram ? offset : 0);
}
