using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.Planning;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Topology;

namespace Vmm.Iommu.Tests.Planning;

public class PlannedSpaceHoleTests
{
    private static readonly IovaRange Hole = IovaRange.FromLength(0x10_0000, 0x1000);
    private static readonly HostDevice Device = new() { Name = "0000:01:00.0", Bus = "pci", Path = "devices/x", Group = new(1), Driver = "vfio-pci" };

    private static readonly HostTopology Host = new(
        1, [new IommuGroup(new(1), "DMA", null, [Device.Name], ReservedRegionsReading.Known(ReservedRegionSet.Empty))], [Device], [], []);

    [Fact]
    [Trait("Requirement", "R0.1")]
    public void The_windows_on_paper_leave_out_the_holes_of_the_user()
    {
        var paper = Paper();
        var request = paper.RequestFor(Device);

        var plan = Assert.IsType<AttachPlan.NewContainer>(AttachPlan.For(request));

        Assert.Equal(ValidIovaRanges.All.Without(Hole), plan.WindowsAfter);
        Assert.Equal(plan.WindowsAfter, paper.Attach(Device, request, plan)!.Windows);
    }

    [Fact]
    [Trait("Requirement", "R1.5")]
    public void No_layout_is_proposed_for_the_sake_of_a_hole_that_is_carved_out()
    {
        var paper = Paper();

        var detail = paper.Detail(paper.RequestFor(Device));

        Assert.Empty(detail.Layout.Moves);
        Assert.Equal(2, Assert.Single(detail.Costs).Pieces.Count);
    }

    private static PlannedSpace Paper()
    {
        var ram = RamBlock.FromExisting("ram", new HostAddress(0x7000_0000_0000), 0x20_0000);
        var view = new FlatView([new(IovaRange.FromLength(0, ram.Length), SectionKind.Ram, ram.Name, 0, false, ram, 0)]);
        return new PlannedSpace(Host, view, SectionFilter.FourKiB, AttachPolicy.Default, [Hole]);
    }
}
