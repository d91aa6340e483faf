using Vmm.Iommu.Kernel;

namespace Vmm.Iommu.Containers.Type1;

/// <summary>
/// Asks the kernel what a group allows, by an empty container: opened, asked and undone at once. Nothing is mapped and nothing
/// pinned. While it runs nobody else can open the group.
/// </summary>
public static class Type1Probe
{
    /// <summary>Asks. Whatever step fails, those before it are undone in reverse order, and the answer says which.</summary>
    /// <param name="devices">Which kernel.</param>
    /// <param name="group">The group's number; EBUSY where a process has it open.</param>
    public static ContainerProbe Query(IDevices devices, int group)
    {
        if (!VfioGroup.TryOpen(devices, group, out var opened, out var refusal))
        {
            return new(Info: null, refusal);
        }

        if (!Type1Container.TryOpen(devices, opened, out var container, out refusal))
        {
            return new(Info: null, refusal.AfterUndo("close", opened.Close()));
        }

        var info = container.InfoAtOpen;
        var asked = new ContainerRefusal("probe", opened.Path, default, "The kernel answered.");
        var undone = asked
            .AfterUndo("VFIO_GROUP_UNSET_CONTAINER", container.Detach(opened))
            .AfterUndo("close", container.Close())
            .AfterUndo("close", opened.Close());
        return new(info, undone == asked ? null : undone);
    }
}
