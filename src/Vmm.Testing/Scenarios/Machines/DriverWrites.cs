using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;

namespace Vmm.Testing.Scenarios.Machines;

/// <summary>Binds and unbinds drivers of PCI functions, takes functions off the bus and finds them again, and ends mediated devices, by sysfs.</summary>
internal sealed class DriverWrites(ISysfs sysfs)
{
    // KERNEL: an override that is written as an empty line is none.
    private const string NoOverride = "\n";

    /// <summary>The driver of a device; null for none.</summary>
    internal string? DriverOf(string device) => NameAt($"{Of(device)}/driver");

    internal bool Has(string device) => sysfs.List(Of(device)).IsOk;

    internal bool HasDriver(string driver) => sysfs.List($"bus/pci/drivers/{driver}").IsOk;

    internal Errno Unbind(string device) =>
        DriverOf(device) is { } driver ? sysfs.WriteText($"bus/pci/drivers/{driver}/unbind", device).Errno : Errno.None;

    /// <summary>Gives a device to a driver, which need not claim to know it.</summary>
    internal Errno Bind(string device, string driver)
    {
        if (DriverOf(device) is { } there)
        {
            return there == driver ? Errno.None : Errno.EBUSY;
        }

        var wanted = sysfs.WriteText($"{Of(device)}/driver_override", driver);
        return wanted.IsOk ? sysfs.WriteText($"bus/pci/drivers/{driver}/bind", device).Errno : wanted.Errno;
    }

    /// <summary>Puts a device back to a driver, or to none, and its override to what it was.</summary>
    internal Errno PutBack(string device, string? driver, string? wantedDriver)
    {
        var unbound = DriverOf(device) == driver ? Errno.None : Unbind(device);
        if (!unbound.IsNone)
        {
            return unbound;
        }

        var bound = driver is null ? Errno.None : Bind(device, driver);
        var restored = sysfs.WriteText($"{Of(device)}/driver_override", wantedDriver ?? NoOverride);
        return bound.IsNone ? restored.Errno : bound;
    }

    /// <summary>Takes a function off the bus, or ends a mediated device. Waits while it is open.</summary>
    internal Errno Remove(string device) => sysfs.WriteText($"{Of(device)}/remove", "1").Errno;

    /// <summary>Looks for functions that are not on the bus; each that is found has no override.</summary>
    internal Errno Rescan() => sysfs.WriteText("bus/pci/rescan", "1").Errno;

    internal Errno CreateMediated(string parentPath, string type, string device) =>
        sysfs.WriteText($"{parentPath}/mdev_supported_types/{type}/create", device).Errno;

    private static string Of(string device) => $"bus/{(Guid.TryParse(device, out _) ? "mdev" : "pci")}/devices/{device}";

    private string? NameAt(string link) => sysfs.ReadLink(link) is { IsOk: true, Value: var target } ? target[(target.LastIndexOf('/') + 1)..] : null;
}
