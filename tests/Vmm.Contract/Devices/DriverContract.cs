using Vmm.Contract.Hosts;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;

namespace Vmm.Contract.Devices;

/// <summary>Drivers of the kernel and a group whose DMA VFIO owns.</summary>
public abstract class DriverContract
{
    private const string Native = "virtio-pci";
    private const string Drivers = $"bus/pci/drivers/{Native}";
    private const string Probe = "bus/pci/drivers_probe";

    [SkippableFact]
    public void A_driver_gets_no_device_of_a_group_that_is_owned_and_is_told_so()
    {
        using var host = CreateHost();
        var (sysfs, devices) = (host.Kernel.Sysfs, host.Kernel.Devices);
        var neighbour = host.Device(DeviceRole.UnviableNeighbour).Name;
        Assert.Equal(SysResult.Ok, sysfs.WriteText($"{Drivers}/unbind", neighbour));
        var (group, container) = (devices.Open(host.Device(DeviceRole.Unviable).GroupNode), devices.Open("/dev/vfio/vfio"));
        Assert.True(VfioCalls.GroupSetContainer(devices, group.Descriptor, container.Descriptor).IsOk);

        // KERNEL: a bind hands on what the claim of the DMA answered, a probe makes EINVAL of it.
        Assert.Equal(Errno.EINVAL, sysfs.WriteText(Probe, neighbour).Errno);
        Assert.Null(DriverOf(sysfs, neighbour));
        Assert.Equal(Errno.EBUSY, sysfs.WriteText($"{Drivers}/bind", neighbour).Errno);
        Assert.Null(DriverOf(sysfs, neighbour));

        Assert.True(devices.Close(group.Descriptor).IsOk && devices.Close(container.Descriptor).IsOk);
        Assert.Equal(SysResult.Ok, sysfs.WriteText(Probe, neighbour));
        Assert.Equal(Native, DriverOf(sysfs, neighbour));
    }

    /// <summary>The machine; skips the test where it has not what is needed.</summary>
    protected abstract IContractHost CreateHost();

    private static string? DriverOf(ISysfs sysfs, string device) =>
        sysfs.ReadLink($"bus/pci/devices/{device}/driver") is { IsOk: true, Value: var link } ? link[(link.LastIndexOf('/') + 1)..] : null;
}
