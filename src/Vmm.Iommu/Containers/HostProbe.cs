using System.Globalization;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;
using Vmm.Iommu.Topology;

namespace Vmm.Iommu.Containers;

/// <summary>
/// Asks a host what it offers for assigning devices. Nodes are opened, asked and closed; nothing is attached, mapped or bound.
/// While a group's node is open nobody else can open it: that is a moment for each group.
/// </summary>
public static class HostProbe
{
    private const string VfioClass = "class/vfio";
    private const string NoIommuPrefix = "noiommu-";

    private static readonly (int Number, string Name)[] Extensions =
    [
        (VfioUapi.Type1, "type1"),
        (VfioUapi.Type1V2, "type1v2"),
        (VfioUapi.NoIommu, "noiommu"),
        (VfioUapi.UnmapAll, "UNMAP_ALL"),
        (VfioUapi.UpdateVaddr, "UPDATE_VADDR"),
        (2, "sPAPR TCE"),
        (7, "sPAPR TCE v2"),
    ];

    /// <summary>Asks.</summary>
    /// <param name="kernel">Which kernel.</param>
    public static HostReport Query(HostKernel kernel)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        var topology = new SysfsTopologyReader(kernel.Sysfs).Read(1);
        SysResult version = Errno.EBADF;
        var extensions = new List<HostReport.Extension>();
        var container = NodeAnswer.Of(kernel, VfioCures.ContainerNode, opened =>
        {
            version = VfioCalls.GetApiVersion(kernel.Devices, opened.Number);
            extensions.AddRange(Extensions.Select(asked =>
                new HostReport.Extension(asked.Number, asked.Name, VfioCalls.CheckExtension(kernel.Devices, opened.Number, asked.Number))));
        });
        var ioas = Errno.EBADF;
        var iommufd = NodeAnswer.Of(kernel, VfioCures.IommufdNode, opened => ioas = AllocateIoas(kernel.Devices, opened.Number));
        return new HostReport
        {
            Release = kernel.Proc.ReadText("sys/kernel/osrelease").Value?.Trim(),
            Iommus = [.. topology.Iommus.Select(iommu => iommu.Name)],
            Groups = topology.Groups.Count,
            Container = container,
            ApiVersion = version,
            Extensions = extensions,
            Iommufd = iommufd,
            IoasAlloc = ioas,
            GroupNodes = [.. NamesIn(kernel.Sysfs, VfioClass).Select(name => GroupOf(kernel, topology, name)).OfType<HostReport.GroupNode>().OrderBy(node => node.Number)],
            DeviceNodes = [.. topology.Devices.Where(device => device.VfioDevice is not null).OrderBy(device => device.Name, StringComparer.Ordinal).Select(device => DeviceOf(kernel, device))],
            Rights = ProcessRights.Read(kernel.Proc),
            Parameters = ModuleParameters.Read(kernel.Sysfs),
            Kvm = NodeAnswer.Of(kernel, "/dev/kvm"),
        };
    }

    /// <summary>An empty address space, destroyed at once; the close that follows would take it as well.</summary>
    private static Errno AllocateIoas(IDevices devices, int iommufd)
    {
        var allocated = IommufdCalls.IoasAlloc(devices, iommufd, out var ioas);
        return allocated.IsOk ? IommufdCalls.Destroy(devices, iommufd, ioas).Errno : allocated.Errno;
    }

    private static IReadOnlyList<string> NamesIn(ISysfs sysfs, string directory) => sysfs.List(directory).Value ?? [];

    private static HostReport.GroupNode? GroupOf(HostKernel kernel, HostTopology topology, string name)
    {
        var hasIommu = !name.StartsWith(NoIommuPrefix, StringComparison.Ordinal);
        if (!int.TryParse(hasIommu ? name : name[NoIommuPrefix.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return null;
        }

        SysResult<VfioGroupStatus>? status = null;
        var node = NodeAnswer.Of(kernel, $"/dev/vfio/{name}", opened =>
        {
            var flags = VfioCalls.GroupGetStatus(kernel.Devices, opened.Number);
            status = flags.IsOk ? VfioGroupStatus.Of(flags.Value) : flags.Errno;
        });
        var members = topology.DevicesOf(new IommuGroupId(number));
        return new(
            number,
            node,
            [.. members.Where(device => device.Binding == DriverBinding.Vfio).Select(device => device.Name)],
            status,
            [.. members.Where(device => device.Binding == DriverBinding.UsesDmaApi).Select(device => $"{device.Name} ({device.Driver})")],
            hasIommu);
    }

    private static HostReport.DeviceNode DeviceOf(HostKernel kernel, HostDevice device) =>
        new(device.Name, NodeAnswer.Of(kernel, $"/dev/vfio/devices/{device.VfioDevice}"), device.Group?.Value);
}
