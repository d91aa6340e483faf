using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Testing.Scenarios;
using Vmm.Testing.Scenarios.Running;

namespace Vmm.Testing.Tests.Scenarios;

public sealed class ScriptedViewTests
{
    private static readonly ScriptedView OneGib = new([Ram(0, 0x3fff_ffff)]);

    [Fact]
    public void Shadowing_splits_ram_and_shadowing_back_joins_it()
    {
        var locked = OneGib.With([new ViewEdit.Shadow(IovaRange.FromBounds(0xc0000, 0xcffff), ReadOnly: true)]);
        Assert.Equal(["0x0-0xbffff rw", "0xc0000-0xcffff ro", "0xd0000-0x3fffffff rw"], Shown(locked));
        Assert.Equal(0xd0000UL, locked.Sections[2].Offset);

        var open = locked.With([new ViewEdit.Shadow(IovaRange.FromBounds(0xc0000, 0xcffff), ReadOnly: false)]);
        Assert.Equal(OneGib.Sections, open.Sections);
    }

    [Fact]
    public void Removing_cuts_sections_at_the_ends()
    {
        var cut = OneGib.With([new ViewEdit.Remove(IovaRange.FromBounds(0x1000, 0x1fff))]);
        Assert.Equal(["0x0-0xfff rw", "0x2000-0x3fffffff rw"], Shown(cut));
        Assert.Equal(0x2000UL, cut.Sections[1].Offset);
    }

    [Fact]
    public void Adding_over_what_is_there_names_both()
    {
        var wrong = Assert.Throws<FormatException>(() => OneGib.With([new ViewEdit.Add([Ram(0x3fff_f000, 0x4fff_ffff)])]));
        Assert.Contains("0x3ffff000-0x4fffffff overlaps pc.ram at 0x0-0x3fffffff", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_view_without_ram_at_zero_has_nothing_to_shadow()
    {
        var high = new ScriptedView([Ram(0x1000, 0x1fff)]);
        Assert.Throws<FormatException>(() => high.With([new ViewEdit.Shadow(IovaRange.FromBounds(0, 0xfff), ReadOnly: true)]));
    }

    [Fact]
    public void The_edits_of_the_tour_are_those_of_real_firmware()
    {
        var view = ScriptedView.Of(new MemoryScript { Map = ShippedFiles.At("memory-maps/q35-8g.txt") });
        foreach (var commit in ShippedFiles.Scenario("tour.yaml").Steps.OfType<ScenarioStep.Commit>().Where(step => step.Edits is not null))
        {
            view = view.With(commit.Edits!);
        }

        // As captured at the end of a q35's firmware: the copy is locked, the rest of the area is RAM.
        Assert.Equal(
            ["0x0-0xc2fff rw", "0xc3000-0xe7fff ro", "0xe8000-0xeffff rw", "0xf0000-0xfffff ro", "0x100000-0x7fffffff rw"],
            Shown(view).Take(5));
    }

    private static SectionScript Ram(ulong start, ulong last) =>
        new(IovaRange.FromBounds(start, last), SectionKind.Ram, "pc.ram") { Offset = start };

    private static IEnumerable<string> Shown(ScriptedView view) =>
        view.Sections.Where(section => section.Kind == SectionKind.Ram).Select(section => $"{section.Range} {(section.ReadOnly ? "ro" : "rw")}");
}
