using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;

namespace Vmm.Testing.Emulation.Vfio;

/// <summary>VFIO_DEVICE_SET_IRQS on a PCI device: validation in the kernel's order, then eventfds kept, dropped or raised.</summary>
internal static class InterruptRequests
{
    private const int Header = 20;
    private const uint DataMask = VfioUapi.IrqDataNone | VfioUapi.IrqDataBool | VfioUapi.IrqDataEventfd;
    private const uint ActionMask = VfioUapi.IrqActionMask | VfioUapi.IrqActionUnmask | VfioUapi.IrqActionTrigger;

    public static SysResult Set(DescriptorTable files, DeviceInterrupts interrupts, IoctlArgument argument)
    {
        if (argument.Bytes.Length < Header)
        {
            return Errno.EFAULT;
        }

        var (flags, index, start, count) = (argument.UInt32(4), argument.UInt32(8), argument.UInt32(12), argument.UInt32(16));
        var vectors = index < VfioUapi.PciIrqs ? Math.Max(0, interrupts.VectorsOf(index)) : -1;
        if (argument.UInt32(0) < Header
            || vectors < 0
            || (flags & ~(DataMask | ActionMask)) != 0
            || start >= vectors
            || (ulong)start + count > (ulong)vectors
            || DataSize(flags) is not { } size
            || argument.UInt32(0) - Header < (ulong)count * size
            || (size > 0 && count == 0))
        {
            return Errno.EINVAL;
        }

        return (flags & ActionMask) switch
        {
            VfioUapi.IrqActionTrigger => Trigger(files, interrupts, argument, index, start, count),
            VfioUapi.IrqActionMask or VfioUapi.IrqActionUnmask when index == VfioUapi.PciIntx => SysResult.Ok,
            _ => Errno.ENOTTY,
        };
    }

    private static uint? DataSize(uint flags) => (flags & DataMask) switch
    {
        VfioUapi.IrqDataNone => 0,
        VfioUapi.IrqDataBool => 1,
        VfioUapi.IrqDataEventfd => sizeof(int),
        _ => null,
    };

    private static SysResult Trigger(DescriptorTable files, DeviceInterrupts interrupts, IoctlArgument argument, uint index, uint start, uint count)
    {
        if ((flagsOf(argument) & VfioUapi.IrqDataNone) != 0 && count == 0)
        {
            interrupts.Clear(index);
            return SysResult.Ok;
        }

        if ((flagsOf(argument) & VfioUapi.IrqDataEventfd) == 0)
        {
            for (var vector = 0u; vector < count; vector++)
            {
                if ((flagsOf(argument) & VfioUapi.IrqDataNone) != 0 || argument.Bytes[Header + (int)vector] != 0)
                {
                    interrupts.Raise(index, start + vector);
                }
            }

            return SysResult.Ok;
        }

        for (var vector = 0; vector < count; vector++)
        {
            var descriptor = (int)argument.UInt32(Header + (vector * sizeof(int)));
            if (descriptor >= 0 && files[descriptor] is not EventFile)
            {
                return files[descriptor] is null && !DescriptorTable.IsOpenInProcess(descriptor) ? Errno.EBADF : Errno.EINVAL;
            }
        }

        for (var vector = 0; vector < count; vector++)
        {
            interrupts.Set(index, start + (uint)vector, (int)argument.UInt32(Header + (vector * sizeof(int))));
        }

        return SysResult.Ok;

        static uint flagsOf(IoctlArgument from) => from.UInt32(4);
    }
}
