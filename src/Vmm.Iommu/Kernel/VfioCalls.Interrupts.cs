using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Vmm.Iommu.Results;

namespace Vmm.Iommu.Kernel;

/// <content>Interrupts of devices.</content>
public static partial class VfioCalls
{
    /// <summary>VFIO_DEVICE_GET_IRQ_INFO.</summary>
    /// <param name="devices">Which kernel.</param>
    /// <param name="device">The device's descriptor.</param>
    /// <param name="index">Which index, such as <see cref="VfioUapi.PciMsix"/>.</param>
    /// <returns>EINVAL for an index that the device cannot have.</returns>
    public static SysResult<VfioUapi.IrqInfo> DeviceGetIrqInfo(IDevices devices, int device, uint index)
    {
        var info = new VfioUapi.IrqInfo { ArgumentSize = AbiBytes.SizeOf<VfioUapi.IrqInfo>(), Index = index };
        var answer = devices.Ioctl(device, VfioUapi.DeviceGetIrqInfo, AbiBytes.Of(ref info));
        return answer.IsOk ? info : answer.Errno;
    }

    /// <summary>VFIO_DEVICE_SET_IRQS with eventfds.</summary>
    /// <param name="devices">Which kernel.</param>
    /// <param name="device">The device's descriptor.</param>
    /// <param name="action"><see cref="VfioUapi.IrqActionTrigger"/>: they are signalled; or an action that signalling them brings about.</param>
    /// <param name="index">Which index.</param>
    /// <param name="first">Vector of the first eventfd.</param>
    /// <param name="events">One for each vector from the first on; -1 for none.</param>
    /// <returns>
    /// EINVAL beyond the index's vectors, with another of INTx, MSI and MSI-X on, or for a descriptor that is no eventfd; EBADF;
    /// ENOTTY for what the index cannot do.
    /// </returns>
    public static SysResult DeviceSetIrqEvents(IDevices devices, int device, uint action, uint index, uint first, ReadOnlySpan<int> events)
    {
        var header = Unsafe.SizeOf<VfioUapi.IrqSet>();
        var argument = new byte[header + (events.Length * sizeof(int))];
        MemoryMarshal.Write(argument, Head(argument.Length, VfioUapi.IrqDataEventfd | action, index, first, (uint)events.Length));
        MemoryMarshal.AsBytes(events).CopyTo(argument.AsSpan(header));
        return devices.Ioctl(device, VfioUapi.DeviceSetIrqs, argument);
    }

    /// <summary>VFIO_DEVICE_SET_IRQS without data: the action is done to each vector.</summary>
    /// <param name="devices">Which kernel.</param>
    /// <param name="device">The device's descriptor.</param>
    /// <param name="action">One of the actions; <see cref="VfioUapi.IrqActionTrigger"/> of no vector turns the index off.</param>
    /// <param name="index">Which index.</param>
    /// <param name="first">First vector.</param>
    /// <param name="count">Vectors.</param>
    /// <returns>As <see cref="DeviceSetIrqEvents"/>.</returns>
    public static SysResult DeviceActOnIrqs(IDevices devices, int device, uint action, uint index, uint first, uint count)
    {
        var set = Head(Unsafe.SizeOf<VfioUapi.IrqSet>(), VfioUapi.IrqDataNone | action, index, first, count);
        return devices.Ioctl(device, VfioUapi.DeviceSetIrqs, AbiBytes.Of(ref set));
    }

    private static VfioUapi.IrqSet Head(int size, uint flags, uint index, uint first, uint count) =>
        new() { ArgumentSize = (uint)size, Flags = flags, Index = index, Start = first, Count = count };
}
