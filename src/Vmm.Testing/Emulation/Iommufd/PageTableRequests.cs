using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;
using Vmm.Testing.Emulation.Vfio;

namespace Vmm.Testing.Emulation.Iommufd;

/// <summary>VFIO_DEVICE_ATTACH_IOMMUFD_PT and DETACH of a bound device.</summary>
internal static class PageTableRequests
{
    public static Errno Attach(EmulatedDevice device, IoctlArgument argument)
    {
        const int Minimum = 12;
        const int WithPasid = 16;
        var refused = Check(device, argument, Minimum, WithPasid, VfioUapi.AttachPasid);
        if (!refused.IsNone)
        {
            return refused;
        }

        var context = device.Vfio.Iommufd!;
        var id = argument.UInt32(8);
        if ((argument.UInt32(4) & VfioUapi.AttachPasid) != 0)
        {
            return RefusePasid(device, context, id, argument.UInt32(12));
        }

        refused = context.Attach(device.Vfio.Bound!, ref id);
        if (refused.IsNone)
        {
            argument.Put(8, id);
        }

        return refused;
    }

    public static Errno Detach(EmulatedDevice device, IoctlArgument argument)
    {
        const int Minimum = 8;
        const int WithPasid = 12;
        var refused = Check(device, argument, Minimum, WithPasid, VfioUapi.DetachPasid);
        if (refused.IsNone && (argument.UInt32(4) & VfioUapi.DetachPasid) == 0)
        {
            device.Vfio.Iommufd!.Detach(device.Vfio.Bound!);
        }

        return refused;
    }

    private static Errno Check(EmulatedDevice device, IoctlArgument argument, int minimum, int withPasid, uint pasid)
    {
        if (argument.Bytes.Length < minimum)
        {
            return Errno.EFAULT;
        }

        var flags = argument.UInt32(4);
        if (argument.UInt32(0) < minimum || (flags & ~pasid) != 0)
        {
            return Errno.EINVAL;
        }

        return (flags & pasid) == 0 ? Errno.None
            : device.IsMediated ? Errno.EOPNOTSUPP
            : argument.UInt32(0) < withPasid ? Errno.EINVAL
            : argument.Bytes.Length < withPasid ? Errno.EFAULT
            : Errno.None;
    }

    /// <summary>No device of the emulated hosts has PASIDs: the target is looked for, and then refused.</summary>
    private static Errno RefusePasid(EmulatedDevice device, IommufdContext context, uint id, uint pasid) =>
        context.Objects.Find<IommufdObject>(id) switch
        {
            null => Errno.ENOENT,

            // KERNEL: 0 is the number of DMA without one, which is taken while the device is attached.
            IoasObject or HwptObject when pasid == 0 && device.Vfio.Bound is DeviceObject { IsAttached: true } => Errno.EBUSY,
            _ => Errno.EINVAL,
        };
}
