using Vmm.Contract.Hosts;
using Vmm.Iommu.Containers;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;

namespace Vmm.Contract.Devices;

/// <summary>Interrupts and resets of an assigned device: eventfds that the device itself signals, and the groups of a hot reset.</summary>
public abstract class InterruptContract
{
    [SkippableFact]
    public void MSI_takes_the_place_of_INTx_and_the_device_signals_it() => WithDevice(DeviceRole.Dma, (host, device, events) =>
    {
        Assert.True(device.SetInterrupts(VfioUapi.PciIntx, 0, [events[0]]).IsOk);
        Assert.True(device.SetInterrupts(VfioUapi.PciMsi, 0, [events[1]]).IsOk);
        Assert.Equal(VfioUapi.PciMsi, device.Interrupts.Mode);
        var line = host.InterruptLine(device);
        line.Raise();
        Assert.Equal("1", EventCounter.Await(events[1]));
        Assert.Equal("EAGAIN", EventCounter.Take(events[0]));
        line.Lower();
        Assert.True(device.RaiseInterrupts(VfioUapi.PciMsi).IsOk);
        Assert.Equal("1", EventCounter.Take(events[1]));
        Assert.True(device.EndInterrupts(VfioUapi.PciMsi).IsOk);
        Assert.Equal(Errno.EINVAL, device.RaiseInterrupts(VfioUapi.PciMsi).Errno);
    });

    [SkippableFact]
    public void INTx_masks_itself_until_it_is_unmasked() => WithDevice(DeviceRole.Dma, (host, device, events) =>
    {
        Assert.True(device.SetInterrupts(VfioUapi.PciIntx, 0, [events[0]]).IsOk);
        Assert.True(device.GetInterrupt(VfioUapi.PciIntx).Value is { MasksItself: true, CanMask: true });
        var line = host.InterruptLine(device);
        line.Raise();
        Assert.Equal("1", EventCounter.Await(events[0]));
        line.Raise();
        Assert.Equal("EAGAIN", EventCounter.Take(events[0]));
        Assert.True(device.UnmaskInterrupt().IsOk);
        Assert.Equal("1", EventCounter.Await(events[0]));
        line.Lower();
        Assert.True(device.UnmaskInterrupt().IsOk);
        Assert.Equal("EAGAIN", EventCounter.Take(events[0]));
        Assert.True(device.MaskInterrupt().IsOk);
        line.Raise();
        Assert.Equal("EAGAIN", EventCounter.Take(events[0]));
        Assert.True(device.UnmaskInterrupt().IsOk);
        Assert.Equal("1", EventCounter.Await(events[0]));
        line.Lower();
    });

    [SkippableFact]
    public void Kinds_that_a_device_has_not_and_vectors_beyond_are_refused() => WithDevice(DeviceRole.Dma, (_, device, events) =>
    {
        Assert.Equal(0u, device.GetInterrupt(VfioUapi.PciMsix).Value!.Vectors);
        Assert.Equal(Errno.ENOTTY, device.SetInterrupts(VfioUapi.PciMsix, 0, [events[0]]).Errno);
        Assert.Equal(Errno.ENOTTY, device.SetInterrupts(VfioUapi.PciError, 0, [events[0]]).Errno);
        Assert.Equal(Errno.EINVAL, device.SetInterrupts(VfioUapi.PciMsi, 1, [events[0]]).Errno);
        Assert.Equal(Errno.EBADF, device.SetInterrupts(VfioUapi.PciMsi, 0, [9999]).Errno);
        Assert.Equal(InterruptState.Off, device.Interrupts);
        Assert.True(device.SetInterrupts(VfioUapi.PciRequest, 0, [events[0]]).IsOk);
        Assert.True(device.RaiseInterrupts(VfioUapi.PciRequest).IsOk);
        Assert.Equal("1", EventCounter.Take(events[0]));
        Assert.True(device.EndInterrupts(VfioUapi.PciRequest).IsOk);
        Assert.Equal(Errno.EINVAL, device.RaiseInterrupts(VfioUapi.PciRequest).Errno);
    });

    [SkippableFact]
    public void MSI_X_grows_and_each_vector_has_its_own_eventfd() => WithDevice(DeviceRole.Lone, (_, device, events) =>
    {
        Assert.True(device.GetInterrupt(VfioUapi.PciMsix).Value is { Vectors: 65, TakesEvents: true });
        Assert.True(device.SetInterrupts(VfioUapi.PciMsix, 0, [events[0]]).IsOk);
        Assert.True(device.SetInterrupts(VfioUapi.PciMsix, 64, [events[1]]).IsOk);
        Assert.True(device.RaiseInterrupts(VfioUapi.PciMsix, 0, 65).IsOk);
        Assert.Equal(("1", "1"), (EventCounter.Take(events[0]), EventCounter.Take(events[1])));
        Assert.True(device.SetInterrupts(VfioUapi.PciMsix, 0, [-1]).IsOk);
        Assert.True(device.RaiseInterrupts(VfioUapi.PciMsix, 0, 65).IsOk);
        Assert.Equal(("EAGAIN", "1"), (EventCounter.Take(events[0]), EventCounter.Take(events[1])));
    });

    [SkippableFact]
    public void A_device_with_a_reset_is_reset() => WithDevice(DeviceRole.Lone, (_, device, _) =>
    {
        Assert.True(device.CanReset);
        Assert.Equal(SysResult.Ok, device.Reset());
        Assert.Equal(Errno.ENODEV, device.GetHotResetScope().Errno);
        Assert.False(device.TryHotReset([], out var refusal));
        Assert.Contains("root bus", refusal.Words, StringComparison.Ordinal);
    });

    [SkippableFact]
    public void Devices_behind_a_bridge_are_reset_together() => WithDevice(DeviceRole.Bridged, (host, device, _) =>
    {
        Assert.False(device.CanReset);
        Assert.Equal(Errno.EINVAL, device.Reset().Errno);
        Assert.Equal(
            [host.Device(DeviceRole.Bridged).Name, host.Device(DeviceRole.BridgedSibling).Name],
            device.GetHotResetScope().Value!.Members.Select(member => $"{member.Address}"));
        Assert.True(device.TryHotReset([], out var refusal), $"{refusal}");
    });

    /// <summary>The machine; skips the test where it has not what is needed.</summary>
    protected abstract IContractHost CreateHost();

    /// <summary>Opens a device, with what it is in; closed at the end of the test.</summary>
    private protected abstract Action Open(IContractHost host, DeviceRole role, out AssignedDevice device);

    private protected static AssignedDevice Open(IContractHost host, IContainerMember member, DeviceRole role)
    {
        Assert.True(AssignedDevice.TryOpen(host.Kernel.Devices, host.Kernel.Memory, member, host.Device(role).Name, out var device, out var refusal), $"{refusal}");
        return device;
    }

    private void WithDevice(DeviceRole role, Action<IContractHost, AssignedDevice, int[]> test)
    {
        using var host = CreateHost();
        var before = host.Held();
        int[] events = [host.Kernel.Devices.CreateEvent().Descriptor, host.Kernel.Devices.CreateEvent().Descriptor];
        var close = Open(host, role, out var device);
        try
        {
            test(host, device, events);
        }
        finally
        {
            Assert.True(device.Release().IsReleased);
            close();
            Assert.All(events, descriptor => Assert.True(host.Kernel.Devices.Close(descriptor).IsOk));
        }

        Assert.Equal(before, host.Held());
    }
}
