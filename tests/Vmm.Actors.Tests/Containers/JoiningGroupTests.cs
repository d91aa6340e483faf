using Vmm.Actors.Containers;
using Vmm.Testing.Emulation;

namespace Vmm.Actors.Tests.Containers;

public sealed class JoiningGroupTests : IDisposable
{
    private readonly EmulatedKernel _kernel = new(EmulatedHost.Build(Rig.TwoGroups));
    private readonly JoiningGroup _joining = new();

    public void Dispose() => _kernel.Dispose();

    [Fact]
    public void A_node_is_opened_once_and_handed_from_one_container_to_the_next()
    {
        var devices = _kernel.ToHostKernel().Devices;

        Assert.True(_joining.TryOpen(devices, 5, out var first, out _));
        Assert.True(_joining.TryOpen(devices, 5, out var again, out _));

        Assert.Same(first, again);
        Assert.True(_joining.Close().IsOk);
        Assert.True(_kernel.Census().IsEmpty, _kernel.Census().ToString());
    }

    [Fact]
    public void The_node_of_another_group_is_closed_and_never_handed_on()
    {
        var devices = _kernel.ToHostKernel().Devices;

        Assert.True(_joining.TryOpen(devices, 5, out _, out _));
        Assert.True(_joining.TryOpen(devices, 6, out var group, out _));

        Assert.Equal(6, group.Number);
        Assert.True(_joining.Close().IsOk);
        Assert.True(_kernel.Census().IsEmpty, _kernel.Census().ToString());
    }

    [Fact]
    public void A_node_that_was_taken_is_its_containers_to_close()
    {
        var devices = _kernel.ToHostKernel().Devices;

        Assert.True(_joining.TryOpen(devices, 5, out var group, out _));
        _joining.Taken();

        Assert.True(_joining.Close().IsOk);
        Assert.False(_kernel.Census().IsEmpty);
        Assert.True(group.Close().IsOk);
    }
}
