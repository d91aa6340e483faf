using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;

namespace Vmm.Testing.Emulation.Vfio;

/// <summary>Interrupts of a mediated device as the kernel's sample drivers have them: INTx and one MSI, one of both at a time.</summary>
internal static class MediatedInterrupts
{
    public static SysResult Set(DeviceInterrupts interrupts, InterruptRequest request) => request.Index switch
    {
        VfioUapi.PciIntx => Intx(interrupts, request),
        VfioUapi.PciMsi => request.Action switch
        {
            VfioUapi.IrqActionMask or VfioUapi.IrqActionUnmask => Errno.ENOTTY,
            _ => Trigger(interrupts, request),
        },
        _ => Errno.ENOTTY,
    };

    private static SysResult Intx(DeviceInterrupts interrupts, InterruptRequest request)
    {
        if (request.Action is not (VfioUapi.IrqActionMask or VfioUapi.IrqActionUnmask))
        {
            return Trigger(interrupts, request);
        }

        return interrupts.Mode != VfioUapi.PciIntx || request.Start != 0 || request.Count != 1 ? Errno.EINVAL
            : request.HasEventfds ? Errno.ENOTTY
            : SysResult.Ok;
    }

    private static SysResult Trigger(DeviceInterrupts interrupts, InterruptRequest request)
    {
        // KERNEL: no action, or several, is nothing to do.
        if (request.Action != VfioUapi.IrqActionTrigger)
        {
            return SysResult.Ok;
        }

        var isOn = interrupts.Mode == request.Index;
        if (isOn && request.Count == 0 && request.HasNoData)
        {
            interrupts.Disable();
            return SysResult.Ok;
        }

        if (!(isOn || interrupts.Mode is null) || request.Start != 0 || request.Count != 1)
        {
            return Errno.EINVAL;
        }

        if (request.HasEventfds)
        {
            return Replace(interrupts, request);
        }

        if (!isOn)
        {
            return Errno.EINVAL;
        }

        if (request.HasNoData || request.IsTrue(0))
        {
            interrupts.Raise(request.Index, 0);
        }

        return SysResult.Ok;
    }

    /// <summary>What was there goes first, whatever comes.</summary>
    private static SysResult Replace(DeviceInterrupts interrupts, InterruptRequest request)
    {
        interrupts.Disable();
        var wanted = request.Eventfd(0, out var file);
        if (wanted.IsNone && file is not null)
        {
            interrupts.Enable(request.Index, 1);
            interrupts.Set(request.Index, 0, file, request.Descriptor(0));
        }

        return wanted;
    }
}
