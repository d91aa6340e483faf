using Vmm.Iommu.Results;
using Vmm.Testing.Emulation.Memory;
using Vmm.Testing.Emulation.Vfio;

namespace Vmm.Testing.Emulation.Iommufd;

/// <summary>The memory of a BAR by its dma-buf. It has no pages, so nothing is charged, and it ends when the device is closed.</summary>
internal sealed class DmaBufPages(EmulatedMemory memory, DmaBufFile buffer, HeldFile bar, ulong start) : IPageSource
{
    public ulong Base => start;

    public bool IsFile => false;

    public bool IsCharged => false;

    public bool IsRevoked => buffer.IsRevoked;

    public Errno Refusal => Errno.EINVAL;

    /// <summary>A part of a dma-buf, from the first check of its bounds on.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="buffer">The dma-buf.</param>
    /// <param name="start">First byte; may lie in a page.</param>
    /// <param name="length">Bytes; not 0, and no wrap.</param>
    /// <returns>EINVAL beyond its end, ENODEV after the device was closed, EOPNOTSUPP for one of several parts.</returns>
    public static SysResult<IPageSource> Open(KernelState kernel, DmaBufFile buffer, ulong start, ulong length)
    {
        if (start + (length - 1) >= buffer.Length)
        {
            return Errno.EINVAL;
        }

        if (buffer.IsRevoked)
        {
            return Errno.ENODEV;
        }

        if (buffer.Parts is not [var only])
        {
            return Errno.EOPNOTSUPP;
        }

        var bar = kernel.Memory.HoldBar(buffer.BarFile, only.Offset + only.Length);
        return bar.IsOk
            ? new DmaBufPages(kernel.Memory, buffer, bar.Value, only.Offset + (start & ~(IoasPages.PageSize - 1)))
            : bar.Errno;
    }

    public PinAttempt Pin(ulong offset, ulong length, bool writable)
    {
        // KERNEL: what was revoked is held without being in a page table.
        if (buffer.IsRevoked)
        {
            return new PinAttempt([], 0, IsWhole: true);
        }

        var view = memory.MapHeld(bar, start + offset, length);
        return view is null
            ? new PinAttempt([], 0, IsWhole: false)
            : new PinAttempt([new PinnedSegment(view.Address.Value, length, view)], 0, IsWhole: true);
    }

    public void Close() => memory.LetGo(bar);
}
