using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.Mappings;
using Vmm.Iommu.Planning;
using Vmm.Iommu.Reserved;

namespace Vmm.Iommu.Tests.Planning;

public class LargeViewTests
{
    private const long Most = 1_200;
    private const ulong TiB = 1UL << 40;

    public static TheoryData<string> Views => ["q35-1t", "one section", "a section a GiB"];

    [Theory]
    [MemberData(nameof(Views))]
    [Trait("Requirement", "R2.9")]
    public void A_view_of_one_tebibyte_takes_at_most_1200_entries(string name)
    {
        var view = View(name);

        var target = new ViewTarget(SectionFilter.FourKiB, PageSizes.Usual, []);
        target.Advance(view);
        var plan = MappingPlan.ForView(new MappingTable(), target.Sections, target.RulesFor(MappingPlanMode.Steady, Tables.Entries, ValidIovaRanges.All));

        Assert.InRange(plan.Additions.Count, 1_024, Most);
        Assert.True(plan.Additions.Aggregate(UInt128.Zero, (sum, addition) => sum + addition.Range.Length) >= TiB - (1 << 20));
        Assert.Equal(plan.Additions.Count, EntryCount.Of(SectionFilter.FourKiB.Filter(view), [], PageSizes.Usual, Tables.Entries).Needed);
    }

    private static FlatView View(string name)
    {
        var ram = Tables.Block("ram");
        switch (name)
        {
            case "one section":
                return new([Section(ram, 1UL << 32, TiB)]);
            case "a section a GiB":
                return new(Enumerable.Range(0, 1024).Select(at => Section(ram, (ulong)at << 31, 1UL << 30)));
            default:
                var path = RepositoryFiles.At($"configs/memory-maps/{name}.txt");
                return MtreeParser.Parse(File.ReadAllText(path), path).ToFlatView((region, length) => RamBlock.FromExisting(region, new HostAddress(1UL << 44), length));
        }
    }

    private static MemorySection Section(RamBlock ram, ulong start, ulong length) =>
        new(IovaRange.FromLength(start, length), SectionKind.Ram, ram.Name, start, false, ram, start);
}
