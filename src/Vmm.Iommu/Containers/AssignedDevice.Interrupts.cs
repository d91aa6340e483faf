using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;

namespace Vmm.Iommu.Containers;

/// <content>Interrupts, by eventfds.</content>
public sealed partial class AssignedDevice
{
    private InterruptState _interrupts = InterruptState.Off;

    /// <summary>Which of INTx, MSI and MSI-X is on, and what its vectors signal.</summary>
    public InterruptState Interrupts
    {
        get
        {
            lock (_gate)
            {
                return _interrupts;
            }
        }
    }

    /// <summary>Asks what the device has of one kind of interrupt.</summary>
    /// <param name="index">The kind, such as <see cref="VfioUapi.PciMsix"/>.</param>
    /// <returns>The kind; one without vectors where the device has none of it.</returns>
    public SysResult<InterruptIndex> GetInterrupt(uint index)
    {
        var info = VfioCalls.DeviceGetIrqInfo(_devices, Descriptor, index);

        // KERNEL: an index that the device cannot have, such as the error of a device that is not PCI Express, is EINVAL.
        return info.IsOk ? new InterruptIndex(index, info.Value.Count, info.Value.Flags)
            : info.Errno == Errno.EINVAL ? new InterruptIndex(index, Vectors: 0, Flags: 0)
            : info.Errno;
    }

    /// <summary>
    /// Has vectors signal eventfds. Another one of INTx, MSI and MSI-X that is on is turned off for it; vectors that were set
    /// before stay as they are.
    /// </summary>
    /// <param name="index">The kind.</param>
    /// <param name="first">Vector of the first eventfd.</param>
    /// <param name="events">One for each vector from the first on; -1 for none. They stay the caller's.</param>
    /// <returns>
    /// ENOTTY where the device has none of the kind; EINVAL beyond its vectors, or for a descriptor that is no eventfd; EBADF. What was on before is then on again,
    /// unless the kernel refuses that as well: <see cref="Interrupts"/> says.
    /// </returns>
    public SysResult SetInterrupts(uint index, uint first, IReadOnlyList<int> events)
    {
        ArgumentNullException.ThrowIfNull(events);
        var asked = GetInterrupt(index);
        if (!asked.IsOk || !asked.Value.TakesEvents)
        {
            return asked.IsOk ? Errno.ENOTTY : asked.Errno;
        }

        if (events.Count == 0 || first + (ulong)events.Count > asked.Value.Vectors)
        {
            return Errno.EINVAL;
        }

        lock (_gate)
        {
            return Carry(InterruptPlan.For(_interrupts, asked.Value, first, events), index);
        }
    }

    /// <summary>Turns a kind of interrupt off: none of its vectors signals any more.</summary>
    /// <param name="index">The kind.</param>
    /// <returns>Success also for one that is off.</returns>
    public SysResult EndInterrupts(uint index)
    {
        lock (_gate)
        {
            return !InterruptState.Excludes(index)
                ? VfioCalls.DeviceSetIrqEvents(_devices, Descriptor, VfioUapi.IrqActionTrigger, index, 0, [-1])
                : _interrupts.Mode == index ? End(index)
                : SysResult.Ok;
        }
    }

    /// <summary>Signals the eventfds of vectors as if the device had: to try them out.</summary>
    /// <param name="index">The kind; on.</param>
    /// <param name="first">First vector.</param>
    /// <param name="count">Vectors; those without an eventfd are passed over.</param>
    public SysResult RaiseInterrupts(uint index, uint first = 0, uint count = 1) =>
        VfioCalls.DeviceActOnIrqs(_devices, Descriptor, VfioUapi.IrqActionTrigger, index, first, count);

    /// <summary>Masks a kind that can be, which is INTx.</summary>
    /// <param name="index">The kind; on.</param>
    /// <returns>ENOTTY for one that cannot be masked.</returns>
    public SysResult MaskInterrupt(uint index = VfioUapi.PciIntx) =>
        VfioCalls.DeviceActOnIrqs(_devices, Descriptor, VfioUapi.IrqActionMask, index, 0, 1);

    /// <summary>Unmasks what was masked, or what has masked itself as it was signalled: it is signalled again where the device still wants it.</summary>
    /// <param name="index">The kind; on.</param>
    /// <returns>ENOTTY for one that cannot be masked.</returns>
    public SysResult UnmaskInterrupt(uint index = VfioUapi.PciIntx) =>
        VfioCalls.DeviceActOnIrqs(_devices, Descriptor, VfioUapi.IrqActionUnmask, index, 0, 1);

    /// <summary>Has an eventfd unmask: whoever ends the interrupt in the guest signals it, and no call is needed.</summary>
    /// <param name="descriptor">The eventfd, which stays the caller's; -1 for none.</param>
    /// <param name="index">The kind; on.</param>
    /// <returns>EBUSY where there is one already: take it away first.</returns>
    public SysResult SetUnmaskEvent(int descriptor, uint index = VfioUapi.PciIntx) =>
        VfioCalls.DeviceSetIrqEvents(_devices, Descriptor, VfioUapi.IrqActionUnmask, index, 0, [descriptor]);

    private SysResult Carry(InterruptPlan plan, uint index)
    {
        var before = _interrupts;
        var ended = plan.Ends is { } other ? End(other) : SysResult.Ok;
        if (!ended.IsOk)
        {
            return ended;
        }

        var set = VfioCalls.DeviceSetIrqEvents(_devices, Descriptor, VfioUapi.IrqActionTrigger, index, plan.First, [.. plan.Events]);
        if (set.IsOk)
        {
            _interrupts = plan.After;
        }
        else if (plan.Ends is { } old)
        {
            var back = VfioCalls.DeviceSetIrqEvents(_devices, Descriptor, VfioUapi.IrqActionTrigger, old, 0, [.. before.Events]);
            _interrupts = back.IsOk ? before : InterruptState.Off;
        }

        return set;
    }

    private SysResult End(uint index)
    {
        var ended = VfioCalls.DeviceActOnIrqs(_devices, Descriptor, VfioUapi.IrqActionTrigger, index, 0, 0);
        _interrupts = ended.IsOk ? InterruptState.Off : _interrupts;
        return ended;
    }

    /// <summary>What the descriptor's close would end, where somebody else keeps the descriptor.</summary>
    private SysResult EndAll() => _interrupts.Mode is { } index ? End(index) : SysResult.Ok;
}
