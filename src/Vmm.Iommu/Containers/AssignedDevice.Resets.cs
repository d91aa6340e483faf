using System.Diagnostics.CodeAnalysis;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;

namespace Vmm.Iommu.Containers;

/// <content>Resets: of the device alone, and with everything on its bus.</content>
public sealed partial class AssignedDevice
{
    /// <summary>Resets the device alone.</summary>
    /// <returns>ENOTTY or EINVAL where it cannot be: see <see cref="CanReset"/>.</returns>
    public SysResult Reset() => VfioCalls.DeviceReset(_devices, Descriptor);

    /// <summary>Asks what a hot reset of the device would reset.</summary>
    /// <returns>ENODEV on a root bus, which nothing resets; ENOTTY for a device that is not on PCI; EPERM with a function on the bus that is in no group.</returns>
    public SysResult<HotResetScope> GetHotResetScope()
    {
        var answer = VfioCalls.DeviceGetPciHotResetInfo(_devices, Descriptor, out var flags);
        return answer.IsOk ? HotResetScope.Of(answer.Value, flags) : answer.Errno;
    }

    /// <summary>
    /// Resets the device's bus or slot with everything on it. The kernel wants proof that all of it is the caller's: the
    /// device's own group and the others are shown, or for a device of iommufd nothing, since the kernel knows what is bound there.
    /// </summary>
    /// <param name="others">What else the caller holds of groups; the device's own need not be among them.</param>
    /// <param name="refusal">Why not, with the devices that are not the caller's; nothing was reset then.</param>
    public bool TryHotReset(IEnumerable<IContainerMember> others, [NotNullWhen(false)] out ContainerRefusal? refusal)
    {
        ArgumentNullException.ThrowIfNull(others);
        var scope = GetHotResetScope();
        if (!scope.IsOk)
        {
            refusal = new ContainerRefusal("VFIO_DEVICE_GET_PCI_HOT_RESET_INFO", Name, scope.Errno, WordsForScope(scope.Errno));
            return false;
        }

        var groups = others.Append(_member).OfType<VfioGroup>().DistinctBy(group => group.Number).ToDictionary(group => group.Number);
        var plan = HotResetPlan.For(Name, scope.Value, groups.Keys);
        refusal = plan.Refusal;
        if (refusal is not null)
        {
            return false;
        }

        var reset = VfioCalls.DevicePciHotReset(_devices, Descriptor, [.. plan.Groups.Select(number => groups[number].Descriptor)]);
        refusal = reset.IsOk ? null : new ContainerRefusal("VFIO_DEVICE_PCI_HOT_RESET", Name, reset.Errno, WordsForHotReset(reset.Errno));
        return reset.IsOk;
    }

    private static string WordsForScope(Errno errno) => errno.Number switch
    {
        1 => "a function on its bus is in no IOMMU group, so the bus cannot be reset for a VM.",
        19 => "neither its slot nor its bus can be reset: it is on a root bus. Reset the device alone.",
        25 => "it is no PCI device of vfio-pci. Reset the device alone.",
        _ => "failed to ask what a hot reset would reset.",
    };

    private static string WordsForHotReset(Errno errno) => errno.Number switch
    {
        16 => "a device of its bus is in the middle of a call: try again.",
        22 => "a function of its bus is not bound to vfio-pci, or not the VM's.",
        25 => "its bus was reset, and a device on it did not come back in time.",
        _ => "the hot reset failed.",
    };
}
