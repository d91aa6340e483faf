using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;

namespace Vmm.Testing.Emulation.Vfio;

/// <summary>
/// VFIO_DEVICE_SET_IRQS: the header is checked in one place for every driver, then the device's driver decides. INTx, MSI and
/// MSI-X exclude each other; the one that is on is turned off by TRIGGER without data and with a count of zero.
/// </summary>
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

        var request = new InterruptRequest(files, argument);
        if (!IsSound(request, argument.UInt32(0), request.Index < VfioUapi.PciIrqs ? Vectors(interrupts, request.Index) : 0))
        {
            return Errno.EINVAL;
        }

        return interrupts.IsMediated ? MediatedInterrupts.Set(interrupts, request)
            : request.Index switch
            {
                VfioUapi.PciIntx => Intx(interrupts, request),
                VfioUapi.PciMsi or VfioUapi.PciMsix when request.Action == VfioUapi.IrqActionTrigger => Message(interrupts, request),
                VfioUapi.PciError or VfioUapi.PciRequest when request.Action == VfioUapi.IrqActionTrigger => Single(interrupts, request),
                _ => Errno.ENOTTY,
            };
    }

    // KERNEL: a mediated device is asked with the number of its indexes in place of the number of an index's vectors.
    private static ulong Vectors(DeviceInterrupts interrupts, uint index) =>
        interrupts.IsMediated ? VfioUapi.PciIrqs : (ulong)Math.Max(0, interrupts.VectorsOf(index));

    private static bool IsSound(InterruptRequest request, uint claimed, ulong vectors)
    {
        if (claimed < Header
            || (request.Flags & ~(DataMask | ActionMask)) != 0
            || request.Start >= vectors
            || (ulong)request.Start + request.Count > vectors)
        {
            return false;
        }

        return (request.Flags & DataMask) switch
        {
            VfioUapi.IrqDataNone => true,
            VfioUapi.IrqDataBool => claimed - Header >= request.Count,
            VfioUapi.IrqDataEventfd => claimed - Header >= (ulong)request.Count * sizeof(int),
            _ => false,
        };
    }

    private static SysResult Intx(DeviceInterrupts interrupts, InterruptRequest request) => request.Action switch
    {
        VfioUapi.IrqActionMask => IsWhole(interrupts, request) ? Mask(interrupts, request) : Errno.EINVAL,
        VfioUapi.IrqActionUnmask => IsWhole(interrupts, request) ? Unmask(interrupts, request) : Errno.EINVAL,
        VfioUapi.IrqActionTrigger => TriggerIntx(interrupts, request),
        _ => Errno.ENOTTY,
    };

    private static bool IsWhole(DeviceInterrupts interrupts, InterruptRequest request) =>
        interrupts.Mode == VfioUapi.PciIntx && request.Start == 0 && request.Count == 1;

    private static SysResult Mask(DeviceInterrupts interrupts, InterruptRequest request)
    {
        if (request.HasEventfds)
        {
            return Errno.ENOTTY;
        }

        if (request.HasNoData || request.IsTrue(0))
        {
            interrupts.Mask();
        }

        return SysResult.Ok;
    }

    private static SysResult Unmask(DeviceInterrupts interrupts, InterruptRequest request)
    {
        if (!request.HasEventfds)
        {
            if (request.HasNoData || request.IsTrue(0))
            {
                interrupts.Unmask();
            }

            return SysResult.Ok;
        }

        var wanted = request.Eventfd(0, out var file);
        if (!wanted.IsNone)
        {
            return wanted;
        }

        if (file is not null && interrupts.HasUnmask)
        {
            return Errno.EBUSY;
        }

        interrupts.UnmaskBy(file, request.Descriptor(0));
        return SysResult.Ok;
    }

    private static SysResult TriggerIntx(DeviceInterrupts interrupts, InterruptRequest request)
    {
        const uint Index = VfioUapi.PciIntx;
        if (interrupts.Mode == Index && request.Count == 0 && request.HasNoData)
        {
            interrupts.Disable();
            return SysResult.Ok;
        }

        if (interrupts.Mode is not (null or Index) || request.Start != 0 || request.Count != 1)
        {
            return Errno.EINVAL;
        }

        if (request.HasEventfds)
        {
            var wanted = request.Eventfd(0, out var file);
            if (!wanted.IsNone)
            {
                return wanted;
            }

            interrupts.Enable(Index, 1);
            interrupts.Set(Index, 0, file, request.Descriptor(0));
            return SysResult.Ok;
        }

        return interrupts.Mode == Index ? RaiseEach(interrupts, request) : Errno.EINVAL;
    }

    private static SysResult Message(DeviceInterrupts interrupts, InterruptRequest request)
    {
        var isOn = interrupts.Mode == request.Index;
        if (isOn && request.Count == 0 && request.HasNoData)
        {
            interrupts.Disable();
            return SysResult.Ok;
        }

        if (!isOn && (interrupts.Mode is not null || !request.HasEventfds))
        {
            return Errno.EINVAL;
        }

        if (!request.HasEventfds)
        {
            return RaiseEach(interrupts, request);
        }

        if (isOn)
        {
            return SetBlock(interrupts, request);
        }

        // KERNEL: it is the allocation of no vectors that is refused.
        if (request.Start + request.Count == 0)
        {
            return Errno.ERANGE;
        }

        if (interrupts.AreUnserved)
        {
            return Errno.ENOTSUPP;
        }

        interrupts.Enable(request.Index, request.Start + request.Count);
        var set = SetBlock(interrupts, request);
        if (!set.IsOk)
        {
            interrupts.Disable();
        }

        return set;
    }

    /// <summary>Vector by vector; the first bad one decides, and those of this call before it are taken back.</summary>
    private static SysResult SetBlock(DeviceInterrupts interrupts, InterruptRequest request)
    {
        for (var at = 0u; at < request.Count; at++)
        {
            var vector = request.Start + at;
            interrupts.Set(request.Index, vector, null, -1);
            var wanted = request.Descriptor(at) >= 0 && request.Index == VfioUapi.PciMsi && vector >= interrupts.Allocated
                ? Errno.EINVAL
                : request.Eventfd(at, out var file) is { IsNone: false } bad ? bad : Keep(interrupts, request, at, file);
            if (!wanted.IsNone)
            {
                for (var undone = 0u; undone < at; undone++)
                {
                    interrupts.Set(request.Index, request.Start + undone, null, -1);
                }

                return wanted;
            }
        }

        return SysResult.Ok;
    }

    private static Errno Keep(DeviceInterrupts interrupts, InterruptRequest request, uint at, EventFile? file)
    {
        interrupts.Set(request.Index, request.Start + at, file, request.Descriptor(at));
        return Errno.None;
    }

    private static SysResult RaiseEach(DeviceInterrupts interrupts, InterruptRequest request)
    {
        for (var at = 0u; at < request.Count; at++)
        {
            if (request.HasNoData || request.IsTrue(at))
            {
                interrupts.Raise(request.Index, request.Start + at);
            }
        }

        return SysResult.Ok;
    }

    /// <summary>Error and request: one eventfd, which may be tried out.</summary>
    private static SysResult Single(DeviceInterrupts interrupts, InterruptRequest request)
    {
        if (request.HasNoData)
        {
            if (!interrupts.IsSet(request.Index, 0))
            {
                return Errno.EINVAL;
            }

            if (request.Count == 0)
            {
                interrupts.Clear(request.Index);
                return SysResult.Ok;
            }
        }

        if (request.Count == 0)
        {
            return Errno.EINVAL;
        }

        if (!request.HasEventfds)
        {
            return RaiseEach(interrupts, request);
        }

        // KERNEL: -1 ends it, other negative numbers are taken and do nothing.
        var wanted = request.Eventfd(0, out var file);
        if (wanted.IsNone && request.Descriptor(0) >= -1)
        {
            interrupts.Set(request.Index, 0, file, request.Descriptor(0));
        }

        return wanted;
    }
}
