using Vmm.Contract.Hosts;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;
using Vmm.Iommu.Topology;

namespace Vmm.Contract.Sweeps;

/// <summary>
/// The machine's own kernel. Every device of the lab reserves the same, so none of them needs a container of its own. sysfs is
/// read once for all trials, because none changes the machine.
/// </summary>
internal sealed class LinuxSweepHost : ISweepHost
{
    private static readonly RememberedSysfs Sysfs = new(new DirectorySysfs("/sys"));
    private readonly LinuxContractHost _host = new();
    private const ulong Page = 0x1000;

    private readonly SweepCensus _before;

    public LinuxSweepHost() => _before = Look();

    public HostKernel Kernel => _host.Kernel with { Sysfs = Sysfs };

    public ulong BarAt => 0x8000_0000;

    public string? Device(string part) => part == SweepWorld.Apart ? null : _host.Device(RoleOf(part)).Name;

    public SweepCensus Look()
    {
        var open = Directory.EnumerateFileSystemEntries("/proc/self/fd").Select(path => new FileInfo(path).LinkTarget ?? "").ToList();
        var rights = ProcessRights.Read(_host.Kernel.Proc);
        var (containers, iommufds) = (open.Count(target => target == "/dev/vfio/vfio"), open.Count(target => target == "/dev/iommu"));
        var cdevs = open.Count(target => target.StartsWith("/dev/vfio/devices/", StringComparison.Ordinal));
        var devices = open.Count(target => target == "anon_inode:[vfio-device]") + cdevs;
        var groups = open.Count(target => target.StartsWith("/dev/vfio/", StringComparison.Ordinal)) - containers - cdevs;
        var maps = File.ReadLines("/proc/self/maps").ToList();
        var parts = new Dictionary<string, string>
        {
            ["descriptors"] = $"{containers} container, {iommufds} iommufd, {groups} group, {devices} device",
            ["other descriptors"] = $"{open.Count(IsOurs)}",
            ["pages"] = $"{rights.Pinned!.Value / Page} pinned, {rights.Locked!.Value / Page} locked",
            ["memory mappings"] = $"{maps.Count(line => line.Contains("vfio", StringComparison.Ordinal))} BARs, {maps.Count(line => line.Contains("memfd:sweep", StringComparison.Ordinal))} blocks",
        };
        return new SweepCensus(parts, iommufds > 0, devices, groups, Spaces: null, Mappings: null);
    }

    /// <summary>Beyond what is counted, each group must open again: nobody holds it any more.</summary>
    public string? Left()
    {
        var now = Look();
        return now.ToString() != _before.ToString() ? $"before: {_before}; now: {now}"
            : new[] { SweepWorld.First, SweepWorld.Second }.Select(Reopen).FirstOrDefault(left => left is not null);
    }

    public void Dispose() => _host.Dispose();

    private string? Reopen(string part)
    {
        var node = _host.Device(RoleOf(part)).GroupNode;
        var opened = _host.Kernel.Devices.Open(node);
        var status = opened.IsOk ? VfioCalls.GroupGetStatus(_host.Kernel.Devices, opened.Descriptor) : opened.Errno;
        var closed = opened.IsOk ? _host.Kernel.Devices.Close(opened.Descriptor) : SysResult.Ok;
        return status.IsOk && status.Value == VfioUapi.GroupViable && closed.IsOk ? null : $"{node} is not free: {status.Errno} {status.Value}";
    }

    private static bool IsOurs(string target) =>
        target.Contains("memfd:sweep", StringComparison.Ordinal) || target.Contains("dmabuf", StringComparison.Ordinal) || target.Contains("eventfd", StringComparison.Ordinal);

    private static DeviceRole RoleOf(string part) => part switch
    {
        SweepWorld.First => DeviceRole.Lone,
        SweepWorld.Second => DeviceRole.FirstOfTwo,
        _ => DeviceRole.SecondOfTwo,
    };
}
