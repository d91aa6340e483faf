using Vmm.Iommu.Results;

namespace Vmm.Testing.Emulation.Sysfs;

/// <summary>What a write to sysfs does. Everything else is EACCES, as a read-only attribute is.</summary>
internal static class SysfsWrites
{
    private const string ProbePath = "bus/pci/drivers_probe";
    private const string DriversPath = "bus/pci/drivers/";
    private const string OverrideName = "/driver_override";

    public static bool IsWriteOnly(SysfsTree tree, string path) =>
        path == ProbePath || (DriverFile(path) is var (driver, file) && file is "bind" or "unbind" && tree.Has(DriversPath + driver));

    public static SysResult Write(EmulatedHost host, string path, string text)
    {
        // KERNEL: names are compared up to one trailing newline.
        var word = text.EndsWith('\n') ? text[..^1] : text;
        if (path == ProbePath)
        {
            return Probe(host, word);
        }

        if (IsWriteOnly(host.Tree.Tree, path) && DriverFile(path) is var (driver, file))
        {
            return file == "bind" ? Bind(host, driver, word) : Unbind(host, driver, word);
        }

        if (path.EndsWith(OverrideName, StringComparison.Ordinal) && DeviceAt(host, path[..^OverrideName.Length]) is { } device)
        {
            host.SetOverride(device, word.Length == 0 ? null : word);
            return SysResult.Ok;
        }

        var found = path.StartsWith('/') ? Errno.ENOENT : host.Tree.Tree.Find(path).Errno;
        return !found.IsNone ? found
            : host.Tree.Tree.Find(path).Value!.Children is null ? Errno.EACCES
            : Errno.EISDIR;
    }

    private static (string Driver, string File)? DriverFile(string path)
    {
        var parts = path.StartsWith(DriversPath, StringComparison.Ordinal) ? path[DriversPath.Length..].Split('/') : [];
        return parts is [{ Length: > 0 } driver, var file] ? (driver, file) : null;
    }

    private static EmulatedDevice? DeviceAt(EmulatedHost host, string directory)
    {
        var path = host.Tree.Tree.Canonical(directory);
        return path is null ? null : host.Devices.FirstOrDefault(device => device.Path == path && device.Bus == "pci");
    }

    private static EmulatedDevice? PciDevice(EmulatedHost host, string name) =>
        host.TryDevice(name, out var device) && device.Bus == "pci" ? device : null;

    private static bool Matches(EmulatedDevice device, string driver) =>
        device.DriverOverride is { } wanted ? wanted == driver : device.NativeDriver == driver;

    private static SysResult Probe(EmulatedHost host, string name)
    {
        if (PciDevice(host, name) is not { } device)
        {
            return Errno.ENODEV;
        }

        var driver = device.DriverOverride ?? device.NativeDriver;
        if (device.Driver is not null || driver is null || !host.Tree.Tree.Has(DriversPath + driver))
        {
            return SysResult.Ok;
        }

        // KERNEL: a probe that fails is swallowed, so that another driver may try; a refusal of the group's DMA, which comes
        // before any probe, is turned into EINVAL.
        var bound = host.Bind(device, driver);
        return bound.Errno == Errno.EBUSY ? Errno.EINVAL : SysResult.Ok;
    }

    private static SysResult Bind(EmulatedHost host, string driver, string name) =>
        PciDevice(host, name) is { } device && Matches(device, driver) ? host.Bind(device, driver) : Errno.ENODEV;

    private static SysResult Unbind(EmulatedHost host, string driver, string name) =>
        PciDevice(host, name) is { } device && device.Driver == driver ? host.UnbindDriver(name) : Errno.ENODEV;
}
