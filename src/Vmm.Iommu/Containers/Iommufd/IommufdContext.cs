using System.Diagnostics.CodeAnalysis;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;

namespace Vmm.Iommu.Containers.Iommufd;

/// <summary>
/// The one /dev/iommu of a VM: devices are bound to it and its IOASes are containers. Whoever owns it closes it last, when every
/// container is closed and every device with it: the kernel then frees whatever is left. Not thread-safe but for reads.
/// </summary>
public sealed class IommufdContext
{
    /// <summary>The node.</summary>
    public const string Node = "/dev/iommu";

    private readonly IDevices _devices;
    private readonly OwnedFd _fd;

    private IommufdContext(IDevices devices, OwnedFd fd, bool canChangeProcess)
    {
        _devices = devices;
        _fd = fd;
        CanChangeProcess = canChangeProcess;
    }

    /// <summary>The descriptor; -1 once closed.</summary>
    public int Descriptor => _fd.Number;

    /// <summary>True once closed.</summary>
    public bool IsClosed => _fd.IsClosed;

    /// <summary>True where the kernel can move the mappings to another process, as a live update needs; see <see cref="ChangeProcess"/>.</summary>
    public bool CanChangeProcess { get; }

    /// <summary>Opens the node.</summary>
    /// <param name="devices">Which kernel.</param>
    /// <param name="context">The context; the caller closes it.</param>
    /// <param name="refusal">Why not; nothing is left open.</param>
    public static bool TryOpen(
        IDevices devices,
        [NotNullWhen(true)] out IommufdContext? context,
        [NotNullWhen(false)] out ContainerRefusal? refusal)
    {
        context = null;
        var opened = OwnedFd.Open(devices, "iommufd", Node);
        if (!opened.IsOk)
        {
            refusal = IommufdWords.OpenContext(opened.Errno);
            return false;
        }

        // QEMU: asks in this way whether the call is there. With nothing mapped it changes nothing.
        var changed = IommufdCalls.IoasChangeProcess(devices, opened.Value.Number);
        context = new IommufdContext(devices, opened.Value, changed.IsOk);
        refusal = null;
        return true;
    }

    /// <summary>Takes over a descriptor that was passed in, once it has answered as an iommufd does.</summary>
    /// <param name="devices">Which kernel.</param>
    /// <param name="proc">Where a descriptor that is something else shows what.</param>
    /// <param name="descriptor">The descriptor; not negative. Stays the caller's where this fails.</param>
    /// <param name="context">The context; the caller closes it.</param>
    /// <param name="refusal">Why not; the descriptor is open as before.</param>
    public static bool TryAdopt(
        IDevices devices,
        IProc proc,
        int descriptor,
        [NotNullWhen(true)] out IommufdContext? context,
        [NotNullWhen(false)] out ContainerRefusal? refusal)
    {
        ArgumentNullException.ThrowIfNull(devices);
        context = null;

        // A read of an option changes nothing, and no other kind of descriptor has the call.
        var asked = IommufdCalls.GetOption(devices, descriptor, IommufdUapi.OptionRlimitMode, 0, out var mode);
        if (!asked.IsOk || mode > 1)
        {
            refusal = IommufdWords.NotAnIommufd(PassedDescriptor.Describe(proc, descriptor), asked.IsOk ? Errno.EPROTO : asked.Errno);
            return false;
        }

        // What is mapped already may be another process's: it is moved only on demand, so the call is not tried here.
        context = new IommufdContext(devices, new OwnedFd(devices, descriptor, "iommufd", $"fd {descriptor}"), canChangeProcess: true);
        refusal = null;
        return true;
    }

    /// <summary>Makes this process the one that pays for every mapping and whose memory it is, as the new process of a live update.</summary>
    /// <returns>EINVAL with any mapping that was made by process address, ENOMEM over the locked-memory limit: nothing changed then.</returns>
    public SysResult ChangeProcess() => IommufdCalls.IoasChangeProcess(_devices, Descriptor);

    /// <summary>Chooses who pays for locked memory: the process, as type1 does it, or the user, as is the default.</summary>
    /// <param name="isCharged">True for the process.</param>
    /// <returns>EBUSY once the context has any object; EPERM without CAP_SYS_RESOURCE.</returns>
    public SysResult SetChargesProcess(bool isCharged) =>
        IommufdCalls.SetOption(_devices, Descriptor, IommufdUapi.OptionRlimitMode, 0, isCharged ? 1UL : 0);

    /// <summary>Closes the descriptor, once. The kernel keeps the context for as long as a device is bound to it.</summary>
    public SysResult Close() => _fd.Close();

    /// <summary>The node and the descriptor.</summary>
    public override string ToString() => _fd.ToString();
}
