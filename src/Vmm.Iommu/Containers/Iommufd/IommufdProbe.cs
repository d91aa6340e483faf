using Vmm.Iommu.Kernel;
using Vmm.Iommu.Topology;

namespace Vmm.Iommu.Containers.Iommufd;

/// <summary>
/// Asks the kernel what a device allows, by an iommufd and an IOAS for the moment: opened, asked and undone at once. Nothing is mapped
/// and nothing pinned. While it runs nobody else can open the device's group.
/// </summary>
public static class IommufdProbe
{
    /// <summary>Asks. Whatever step fails, those before it are undone in reverse order, and the answer says which.</summary>
    /// <param name="devices">Which kernel.</param>
    /// <param name="host">The device, as sysfs shows it.</param>
    public static ContainerProbe Query(IDevices devices, HostDevice host)
    {
        if (!IommufdContext.TryOpen(devices, out var context, out var refusal))
        {
            return new(Info: null, refusal);
        }

        var probe = Query(devices, context, host);
        var closed = context.Close();
        return closed.IsOk ? probe : probe with { Refusal = (probe.Refusal ?? Answered(host)).AfterUndo("close", closed) };
    }

    /// <summary>Asks by an iommufd that is there already.</summary>
    /// <param name="devices">Which kernel.</param>
    /// <param name="context">The iommufd.</param>
    /// <param name="host">The device, as sysfs shows it; bound to nothing.</param>
    public static ContainerProbe Query(IDevices devices, IommufdContext context, HostDevice host)
    {
        ArgumentNullException.ThrowIfNull(host);
        if (!IommufdDevice.TryOpen(devices, context, host, token: null, out var device, out var refusal))
        {
            return new(Info: null, refusal);
        }

        if (!IommufdContainer.TryOpen(devices, device, out var container, out refusal))
        {
            return new(Info: null, refusal.AfterUndo("close", device.Close()));
        }

        var asked = Answered(host);
        var undone = asked.AfterUndo("IOMMU_DESTROY", container.Close()).AfterUndo("close", device.Close());
        return new(container.InfoAtOpen, undone == asked ? null : undone);
    }

    private static ContainerRefusal Answered(HostDevice host) => new("probe", host.Name, default, "The kernel answered.");
}
