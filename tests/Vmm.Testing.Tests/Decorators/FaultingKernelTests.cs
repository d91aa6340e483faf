using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;
using Vmm.Testing.Decorators;
using Vmm.Testing.Emulation;

namespace Vmm.Testing.Tests.Decorators;

public sealed class FaultingKernelTests : IDisposable
{
    private readonly EmulatedKernel _emulated = new(EmulatedHost.Build(host => host.Group(6).Device("0000:01:00.0", "vfio-pci")));
    private readonly FaultingKernel _faulting;

    public FaultingKernelTests() => _faulting = new FaultingKernel(_emulated.ToHostKernel());

    public void Dispose() => _emulated.Dispose();

    [Fact]
    public void The_nth_call_fails_and_those_around_it_do_not()
    {
        _faulting.FailAt(2, Errno.EMFILE);
        Assert.True(_faulting.Open("/dev/vfio/vfio").IsOk);
        Assert.Equal(Errno.EMFILE, _faulting.Open("/dev/vfio/vfio").Errno);
        Assert.True(_faulting.Open("/dev/vfio/vfio").IsOk);
        Assert.Equal((3L, 0), (_faulting.Count, _faulting.Pending));
        Assert.Equal(2, _emulated.Census().Containers);
    }

    [Theory]
    [InlineData(FaultMoment.BeforeEffect, 0)]
    [InlineData(FaultMoment.AfterEffect, 1)]
    public void A_call_fails_without_its_effect_or_with_it(FaultMoment moment, int attached)
    {
        var devices = _faulting.ToHostKernel().Devices;
        var container = devices.Open("/dev/vfio/vfio").Descriptor;
        var group = devices.Open("/dev/vfio/6").Descriptor;
        _faulting.FailAt(1, Errno.ENOMEM, moment, "VFIO_GROUP_SET_CONTAINER");
        Assert.True(VfioCalls.GetApiVersion(devices, container).IsOk);
        Assert.Equal(Errno.ENOMEM, VfioCalls.GroupSetContainer(devices, group, container).Errno);
        Assert.Equal(attached, _emulated.Census().AttachedGroups);
    }

    [Fact]
    public void A_descriptor_that_is_opened_and_told_to_fail_is_not_lost()
    {
        _faulting.FailAt(1, Errno.EINTR, FaultMoment.AfterEffect);
        Assert.Equal(Errno.EINTR, _faulting.Open("/dev/vfio/6").Errno);
        Assert.True(_emulated.Census().IsEmpty);
    }

    [Fact]
    public void A_close_that_fails_has_closed()
    {
        var container = _faulting.Open("/dev/vfio/vfio").Descriptor;
        _faulting.FailAt(1, Errno.EIO, call: "close");
        Assert.Equal(Errno.EIO, _faulting.Close(container).Errno);
        Assert.True(_emulated.Census().IsEmpty);
    }

    [Fact]
    public void A_hook_runs_before_its_call_and_may_make_calls()
    {
        var seen = 0;
        _faulting.RunAt(2, () => seen = _emulated.Census().Containers, "open");
        _faulting.Open("/dev/vfio/vfio");
        Assert.Equal(0, seen);
        _faulting.Open("/dev/vfio/vfio");
        Assert.Equal(1, seen);
        _faulting.FailAt(1, Errno.EIO);
        _faulting.Reset();
        Assert.True(_faulting.Open("/dev/vfio/vfio").IsOk);
    }
}
