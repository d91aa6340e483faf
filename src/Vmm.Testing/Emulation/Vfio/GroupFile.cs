using System.Text;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;
using Vmm.Testing.Emulation.Iommufd;

namespace Vmm.Testing.Emulation.Vfio;

/// <summary>An open /dev/vfio/N. Each device of the group that is open in a container holds it, so it outlives its descriptor.</summary>
internal sealed class GroupFile(KernelState kernel, GroupModel group) : OpenFile
{
    /// <summary>KERNEL: a device's name is read up to one page.</summary>
    private const int MaximumName = 4096;

    public override string Path => $"/dev/vfio/{group.Host.NodeName}";

    private KernelPersonality Linux => kernel.Options.Personality;

    public GroupModel Group => group;

    protected override void Close()
    {
        group.Opened = null;
        group.Detach();
    }

    public override SysResult Ioctl(uint request, IoctlArgument argument) => request switch
    {
        _ when request == VfioUapi.GroupGetStatus.Number => GetStatus(argument),
        _ when request == VfioUapi.GroupSetContainer.Number => SetContainer(argument),
        _ when request == VfioUapi.GroupUnsetContainer.Number => UnsetContainer(),
        _ when request == VfioUapi.GroupGetDeviceFd.Number => GetDevice(argument),
        _ => Errno.ENOTTY,
    };

    private SysResult GetStatus(IoctlArgument argument)
    {
        const int Size = 8;
        if (argument.Bytes.Length < Size)
        {
            return Errno.EFAULT;
        }

        if (argument.UInt32(0) < Size)
        {
            return Errno.EINVAL;
        }

        if (group.IsGone)
        {
            return Errno.ENODEV;
        }

        var isSet = group.HasContainer;
        argument.Put(4, (IsViable(isSet) ? VfioUapi.GroupViable : 0) | (isSet ? VfioUapi.GroupContainerSet : 0));
        return SysResult.Ok;
    }

    /// <summary>KERNEL: ownership is tested once, when it is claimed; older kernels look at the members' drivers each time.</summary>
    private bool IsViable(bool isInContainer) =>
        Linux.ClaimsDmaOwnership ? isInContainer || group.Host.IsViable : group.Host.HasOnlyTolerableDrivers;

    private SysResult SetContainer(IoctlArgument argument)
    {
        if (argument.Bytes.Length < sizeof(int))
        {
            return Errno.EFAULT;
        }

        var descriptor = (int)argument.UInt32(0);
        var file = kernel.Files[descriptor];
        if (file is null && !DescriptorTable.IsOpenInProcess(descriptor))
        {
            return Errno.EBADF;
        }

        if (group.HasContainer)
        {
            return Errno.EINVAL;
        }

        if (group.IsGone)
        {
            return Errno.ENODEV;
        }

        if (file is IommufdFile { Context: var context })
        {
            return TakeIommufd(context);
        }

        if (file is not ContainerFile container)
        {
            return Linux.WrongDescriptorErrno;
        }

        var attached = container.Container.Attach(group);
        if (attached.IsNone)
        {
            group.Container = container.Container;
        }

        return attached;
    }

    /// <summary>KERNEL: nothing is claimed yet; whether the group's DMA can be had shows when a device is opened.</summary>
    private Errno TakeIommufd(IommufdContext context)
    {
        if (group.Host.IsUnprotected ? !context.TryServeNoIommu() : !context.TryServeGroup())
        {
            return Errno.EINVAL;
        }

        context.Get();
        group.Iommufd = context;
        return Errno.None;
    }

    private SysResult UnsetContainer()
    {
        if (!group.HasContainer)
        {
            return Errno.EINVAL;
        }

        // KERNEL: an iommufd is let go with devices open; they stay bound to it.
        if (group.Iommufd is null && group.OpenDevices > 0)
        {
            return Errno.EBUSY;
        }

        group.Detach();
        return SysResult.Ok;
    }

    private SysResult GetDevice(IoctlArgument argument)
    {
        var text = argument.Bytes;
        var end = text[..Math.Min(text.Length, MaximumName)].IndexOf((byte)0);
        if (end < 0)
        {
            return text.Length < MaximumName ? Errno.EFAULT : Errno.EINVAL;
        }

        var found = Find(Encoding.UTF8.GetString(text[..end]));
        if (!found.IsOk)
        {
            return found.Errno;
        }

        var reserved = kernel.Files.Reserve();
        if (!reserved.IsOk)
        {
            return reserved;
        }

        var opened = Open(found.Value);
        if (!opened.IsOk)
        {
            kernel.Files.GiveBack(reserved.Descriptor);
            return opened.Errno;
        }

        return kernel.Files.Install(reserved.Descriptor, opened.Value);
    }

    private SysResult<DeviceFile> Open(EmulatedDevice device)
    {
        if (group.Iommufd is { } context)
        {
            var refused = device.Vfio.OpenCount == 0 ? BindTo(context, device) : Errno.None;
            if (!refused.IsNone)
            {
                return refused;
            }

            // KERNEL: what an iommufd has is the iommufd's: the group's file may go, and the group be opened anew, before the device is closed.
            device.Vfio.Open(static () => { });
            return new DeviceFile(kernel, device);
        }

        if (group.Container is null
            || (device.Vfio.OpenCount == 0 && !group.Container.HasBackend)
            || (!Linux.ClaimsDmaOwnership && !IsViable(isInContainer: true)))
        {
            return Errno.EINVAL;
        }

        if (device.Vfio.OpenCount == 0 && group.Host.IsUnprotected && !kernel.Options.HasRawIo)
        {
            return Errno.EPERM;
        }

        device.Vfio.Open(this);
        return new DeviceFile(kernel, device);
    }

    /// <summary>Binds a device to the iommufd and attaches it to the compat IOAS, as its own node would be told to.</summary>
    private Errno BindTo(IommufdContext context, EmulatedDevice device)
    {
        if (group.Host.IsUnprotected)
        {
            return kernel.Options.HasRawIo && context.Compat is null ? Errno.None : Errno.EPERM;
        }

        var refused = context.Bind(device, out var bound);
        if (!refused.IsNone)
        {
            return refused;
        }

        var id = context.Compat?.Id ?? 0;
        refused = id == 0 ? Errno.ENODEV : context.Attach(bound, ref id);
        if (refused.IsNone)
        {
            device.Vfio.Bind(context, bound);
        }
        else
        {
            context.Unbind(bound);
        }

        return refused;
    }

    private SysResult<EmulatedDevice> Find(string text)
    {
        foreach (var device in group.Members)
        {
            if (text == device.Name)
            {
                return device;
            }

            // KERNEL: vfio-pci reads options after the address; a token where the device has none is refused like an unknown one.
            if (!device.IsMediated && text.StartsWith(device.Name + " ", StringComparison.Ordinal))
            {
                return text.AsSpan(device.Name.Length).Trim(' ').IsEmpty ? device : Errno.EINVAL;
            }
        }

        return Errno.ENODEV;
    }
}
