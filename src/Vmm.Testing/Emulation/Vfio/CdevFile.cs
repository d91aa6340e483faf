using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;
using Vmm.Testing.Emulation.Iommufd;

namespace Vmm.Testing.Emulation.Vfio;

/// <summary>
/// An open /dev/vfio/devices/vfioK. Until it is bound to an iommufd it answers nothing but the bind; then it is a device.
/// BARs mapped through it hold it, so a bound one outlives its descriptor.
/// </summary>
internal sealed class CdevFile : OpenFile
{
    private const int TokenAt = 16;
    private const int TokenSize = 16;
    private readonly KernelState _kernel;
    private readonly EmulatedDevice _device;
    private DeviceFile? _opened;

    public CdevFile(KernelState kernel, EmulatedDevice device)
    {
        (_kernel, _device) = (kernel, device);
        device.Vfio.Cdevs++;
    }

    public override string Path => $"/dev/vfio/devices/vfio{_device.VfioIndex}";

    public override SysResult Ioctl(uint request, IoctlArgument argument) => request switch
    {
        _ when request == VfioUapi.DeviceBindIommufd.Number => Bind(argument),
        _ when _opened is null => Errno.EINVAL,
        _ when request == VfioUapi.DeviceAttachIommufdPt.Number => PageTableRequests.Attach(_device, argument),
        _ when request == VfioUapi.DeviceDetachIommufdPt.Number => PageTableRequests.Detach(_device, argument),
        _ => _opened.Ioctl(request, argument),
    };

    /// <summary>mmap(2) of a part of a region; EINVAL before the bind.</summary>
    public SysResult Map(LinuxKernel linux, ulong length, MappingProtection protection, MappingSharing sharing, ulong offset) =>
        _opened?.Map(linux, length, protection, sharing, offset) ?? Errno.EINVAL;

    protected override void Close()
    {
        if (_opened is { } opened)
        {
            opened.LetGo();
        }
        else
        {
            Released();
        }
    }

    /// <summary>What the arguments of a bind are tested for before anything else, on every descriptor of a device.</summary>
    public static Errno CheckBind(IoctlArgument argument)
    {
        const int Minimum = 16;
        const int Known = 24;
        if (argument.Bytes.Length < Minimum)
        {
            return Errno.EFAULT;
        }

        var claimed = argument.UInt32(0);
        return claimed < Minimum ? Errno.EINVAL
            : claimed > argument.Bytes.Length ? Errno.EFAULT
            : claimed > Known && argument.Bytes[Known..(int)claimed].ContainsAnyExcept((byte)0) ? Errno.E2BIG
            : (int)argument.UInt32(8) < 0 || (argument.UInt32(4) & ~VfioUapi.BindToken) != 0 ? Errno.EINVAL
            : Errno.None;
    }

    private SysResult Bind(IoctlArgument argument)
    {
        var refused = CheckBind(argument);
        if (!refused.IsNone)
        {
            return refused;
        }

        var group = _device.Group!.Vfio!;
        if (group.Opened is not null)
        {
            return Errno.EBUSY;
        }

        if (_opened is not null)
        {
            return Errno.EINVAL;
        }

        // No device of the emulated hosts shares a token; a PCI driver reads what it is given before it says so.
        if ((argument.UInt32(4) & VfioUapi.BindToken) != 0)
        {
            return !_device.IsMediated && (argument.PointerAt != TokenAt || argument.Buffer.Length < TokenSize) ? Errno.EFAULT : Errno.EINVAL;
        }

        var descriptor = (int)argument.UInt32(8);
        if (_kernel.Files[descriptor] is not { } file)
        {
            return _kernel.Memory.IsFile(descriptor) || DescriptorTable.IsOpenInProcess(descriptor) ? Errno.EBADFD : Errno.EBADF;
        }

        if (file is not IommufdFile { Context: var context })
        {
            return Errno.EBADFD;
        }

        if (_device.Vfio.OpenCount > 0)
        {
            return Errno.EINVAL;
        }

        refused = context.Bind(_device, out var bound);
        if (!refused.IsNone)
        {
            return refused;
        }

        group.BoundCdevs++;
        _device.Vfio.Bind(context, bound);
        _device.Vfio.Open(() => group.BoundCdevs--);
        _opened = new DeviceFile(_kernel, _device, isGroupPath: false, Released);
        argument.Put(12, bound.Id);
        return SysResult.Ok;
    }

    private void Released()
    {
        _device.Vfio.Cdevs--;
        _device.Vfio.LeaveIfUnused();
    }
}
