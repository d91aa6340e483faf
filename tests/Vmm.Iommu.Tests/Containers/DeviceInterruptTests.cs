using Vmm.Iommu.Containers;
using Vmm.Iommu.Containers.Type1;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;
using Vmm.Testing.Decorators;
using Vmm.Testing.Emulation;

namespace Vmm.Iommu.Tests.Containers;

/// <summary>Interrupts and resets of an open device, on an emulated host with two devices behind a bridge.</summary>
public sealed class DeviceInterruptTests : IDisposable
{
    private const string Name = "0000:02:01.0";
    private const string Sibling = "0000:02:02.0";
    private readonly ContainerRig _rig = new(Build);
    private readonly FaultingKernel _faults;
    private readonly VfioGroup _group;
    private readonly Type1Container _container;
    private readonly AssignedDevice _device;
    private readonly List<int> _events = [];

    public DeviceInterruptTests()
    {
        _faults = new FaultingKernel(_rig.Kernel.ToHostKernel());
        _rig.Devices = _faults;
        _group = _rig.Group(1);
        _container = _rig.Container(_group);
        _device = _rig.Device(_group, Name);
    }

    public void Dispose()
    {
        _device.Release();
        Assert.True(_container.Detach(_group).IsOk);
        _container.Close();
        _group.Close();
        _events.ForEach(descriptor => _rig.Kernel.Close(descriptor));
        _rig.Dispose();
    }

    [Fact]
    public void A_kind_that_the_device_has_not_is_told_without_a_call_to_set_it()
    {
        Assert.Equal(4u, _device.GetInterrupt(VfioUapi.PciMsi).Value!.Vectors);
        Assert.Equal(0u, _device.GetInterrupt(9).Value!.Vectors);
        Assert.Equal(Errno.ENOTTY, _device.SetInterrupts(VfioUapi.PciMsix, 0, [Event()]).Errno);
        Assert.Equal(Errno.EINVAL, _device.SetInterrupts(VfioUapi.PciMsi, 4, [Event()]).Errno);
        Assert.Equal(Errno.EINVAL, _device.SetInterrupts(VfioUapi.PciMsi, 0, []).Errno);
        Assert.Equal(InterruptState.Off, _device.Interrupts);
    }

    [Fact]
    public void A_kind_takes_the_place_of_another_and_grows()
    {
        Assert.True(_device.SetInterrupts(VfioUapi.PciIntx, 0, [Event()]).IsOk);
        Assert.True(_device.MaskInterrupt().IsOk && _device.UnmaskInterrupt().IsOk && _device.SetUnmaskEvent(Event()).IsOk);
        var (first, third) = (Event(), Event());
        Assert.True(_device.SetInterrupts(VfioUapi.PciMsi, 0, [first]).IsOk);
        Assert.Equal(Errno.EINVAL, _device.MaskInterrupt().Errno);
        Assert.True(_device.SetInterrupts(VfioUapi.PciMsi, 2, [third]).IsOk);
        Assert.Equal([first, -1, third], _device.Interrupts.Events);
        Assert.True(_device.RaiseInterrupts(VfioUapi.PciMsi, 0, 3).IsOk);
        Assert.True(_rig.Kernel.RaiseInterrupt(Name, VfioUapi.PciMsi, 2).IsOk);
        Assert.Equal(Errno.ENOENT, _rig.Kernel.RaiseInterrupt(Name, VfioUapi.PciMsi, 1).Errno);
        Assert.True(_device.EndInterrupts(VfioUapi.PciIntx).IsOk);
        Assert.Equal(VfioUapi.PciMsi, _device.Interrupts.Mode);
        Assert.True(_device.EndInterrupts(VfioUapi.PciMsi).IsOk);
        Assert.Equal(Errno.ENOENT, _rig.Kernel.RaiseInterrupt(Name, VfioUapi.PciMsi, 0).Errno);
    }

    [Fact]
    public void What_was_on_is_on_again_when_the_kernel_refuses_what_is_wanted()
    {
        var old = Event();
        Assert.True(_device.SetInterrupts(VfioUapi.PciIntx, 0, [old]).IsOk);
        Assert.Equal(Errno.EBADF, _device.SetInterrupts(VfioUapi.PciMsi, 0, [9999]).Errno);
        Assert.Equal(VfioUapi.PciIntx, _device.Interrupts.Mode);
        Assert.True(_rig.Kernel.RaiseInterrupt(Name, VfioUapi.PciIntx, 0).IsOk);
    }

    [Fact]
    public void An_end_that_fails_leaves_what_is_on()
    {
        Assert.True(_device.SetInterrupts(VfioUapi.PciIntx, 0, [Event()]).IsOk);
        _faults.FailAt(1, Errno.EINTR, call: VfioUapi.DeviceSetIrqs.Name);
        Assert.Equal(Errno.EINTR, _device.SetInterrupts(VfioUapi.PciMsi, 0, [Event()]).Errno);
        Assert.Equal(VfioUapi.PciIntx, _device.Interrupts.Mode);
    }

    [Fact]
    public void Nothing_is_on_when_the_kernel_takes_nothing_back()
    {
        Assert.True(_device.SetInterrupts(VfioUapi.PciIntx, 0, [Event()]).IsOk);
        _faults.FailAt(2, Errno.ENOMEM, call: VfioUapi.DeviceSetIrqs.Name);
        _faults.FailAt(3, Errno.ENOMEM, call: VfioUapi.DeviceSetIrqs.Name);
        Assert.Equal(Errno.ENOMEM, _device.SetInterrupts(VfioUapi.PciMsi, 0, [Event()]).Errno);
        Assert.Equal(InterruptState.Off, _device.Interrupts);
    }

    [Fact]
    public void Errors_and_requests_are_heard_beside_the_rest()
    {
        Assert.True(_device.SetInterrupts(VfioUapi.PciMsi, 0, [Event()]).IsOk);
        Assert.True(_device.SetInterrupts(VfioUapi.PciError, 0, [Event()]).IsOk);
        Assert.True(_device.SetInterrupts(VfioUapi.PciRequest, 0, [Event()]).IsOk);
        Assert.Equal(VfioUapi.PciMsi, _device.Interrupts.Mode);
        Assert.True(_rig.Kernel.RaiseInterrupt(Name, VfioUapi.PciError, 0).IsOk);
        Assert.True(_device.EndInterrupts(VfioUapi.PciError).IsOk);
        Assert.Equal(Errno.ENOENT, _rig.Kernel.RaiseInterrupt(Name, VfioUapi.PciError, 0).Errno);
    }

    [Fact]
    public void A_hot_reset_shows_the_groups_that_the_bus_has()
    {
        Assert.Equal([1, 2], _device.GetHotResetScope().Value!.Members.Select(member => member.Group!.Value));
        Assert.False(_device.TryHotReset([], out var refusal));
        Assert.Contains($"{Sibling} of group 2", refusal.Words, StringComparison.Ordinal);
        var other = _rig.Group(2);
        Assert.True(_device.TryHotReset([other], out refusal), $"{refusal}");
        Assert.Equal((1, 1), (_rig.Kernel.Host.Device(Name).Resets, _rig.Kernel.Host.Device(Sibling).Resets));
        Assert.True(_device.Reset().IsOk);
        Assert.Equal((2, 1), (_rig.Kernel.Host.Device(Name).Resets, _rig.Kernel.Host.Device(Sibling).Resets));
        _faults.FailAt(1, Errno.ENOTTY, call: VfioUapi.DevicePciHotReset.Name);
        Assert.False(_device.TryHotReset([other], out refusal));
        Assert.Contains("did not come back", refusal.Words, StringComparison.Ordinal);
        other.Close();
    }

    [Theory]
    [InlineData("EPERM", "no IOMMU group")]
    [InlineData("ENODEV", "root bus")]
    [InlineData("ENOTTY", "no PCI device")]
    [InlineData("EIO", "failed to ask")]
    public void A_bus_that_cannot_be_reset_is_said_to_be_none(string name, string words)
    {
        Assert.True(Errno.TryParse(name, out var errno));
        _faults.FailAt(1, errno, call: VfioUapi.DeviceGetPciHotResetInfo.Name);
        Assert.False(_device.TryHotReset([], out var refusal));
        Assert.Equal(errno, refusal.Errno);
        Assert.Contains(words, refusal.Words, StringComparison.Ordinal);
    }

    private static void Build(EmulatedHostBuilder host) => host
        .Group(1).Device(Below(Name)).Group(2).Device(Below(Sibling));

    private static PciDeviceSpec Below(string name) => new(name)
    {
        Driver = "vfio-pci",
        Parent = "devices/pci0000:00/0000:00:08.0",
        Vectors = new InterruptVectors(4, 0),
    };

    private int Event()
    {
        _events.Add(_rig.Kernel.CreateEvent().Descriptor);
        return _events[^1];
    }
}
