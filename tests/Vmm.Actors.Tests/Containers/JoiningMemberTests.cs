using Vmm.Actors.Containers;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Topology;
using Vmm.Testing.Emulation;

namespace Vmm.Actors.Tests.Containers;

public sealed class JoiningMemberTests : IDisposable
{
    private readonly EmulatedKernel _kernel = new(EmulatedHost.Build(Rig.TwoGroups));
    private static readonly HostDevice Device = new() { Name = "a device", Bus = "pci", Path = "devices/a" };

    private readonly JoiningMember _joining;

    public JoiningMemberTests() => _joining = new JoiningMember(new Type1Backend(_kernel));

    public void Dispose() => _kernel.Dispose();

    [Fact]
    public void A_node_is_opened_once_and_handed_from_one_container_to_the_next()
    {
        Assert.True(_joining.TryOpen(Group(5), Device, out var first, out _));
        Assert.True(_joining.TryOpen(Group(5), Device, out var again, out _));

        Assert.Same(first, again);
        Assert.True(_joining.Close().IsOk);
        Assert.True(_kernel.Census().IsEmpty, _kernel.Census().ToString());
    }

    [Fact]
    public void The_node_of_another_group_is_closed_and_never_handed_on()
    {
        Assert.True(_joining.TryOpen(Group(5), Device, out _, out _));
        Assert.True(_joining.TryOpen(Group(6), Device, out var group, out _));

        Assert.Equal(6, group.Group);
        Assert.True(_joining.Close().IsOk);
        Assert.True(_kernel.Census().IsEmpty, _kernel.Census().ToString());
    }

    [Fact]
    public void A_node_that_was_taken_is_its_containers_to_close()
    {
        Assert.True(_joining.TryOpen(Group(5), Device, out var group, out _));
        _joining.Taken();

        Assert.True(_joining.Close().IsOk);
        Assert.False(_kernel.Census().IsEmpty);
        Assert.True(group.Close().IsOk);
    }

    private static IommuGroup Group(int number) =>
        new(new IommuGroupId(number), "DMA", Name: null, [], new ReservedRegionsReading(new ReservedRegionSet([]), WhyUnknown: null));
}
