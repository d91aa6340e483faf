using Vmm.Iommu.Results;
using Vmm.Testing.Emulation.Memory;
using Vmm.Testing.Emulation.Vfio;

namespace Vmm.Testing.Emulation.Iommufd;

/// <summary>
/// Pages of a file by their offset. KERNEL: what file it is and how long, is looked at when its pages are pinned, and only
/// a memfd's can be. Until then any open file is held, a device's own as well: a device that is bound to the iommufd which maps it
/// so holds itself, and nothing but an unmap before both are closed sets it free.
/// </summary>
internal sealed class FilePages : IPageSource
{
    private readonly EmulatedMemory _memory;
    private readonly HeldFile? _file;
    private readonly OpenFile? _other;

    private FilePages(EmulatedMemory memory, HeldFile? file, OpenFile? other, ulong start)
    {
        (_memory, _file, _other, Base) = (memory, file, other, start);
        other?.Hold();
    }

    public ulong Base { get; }

    public bool IsFile => true;

    public bool IsCharged => true;

    public bool IsRevoked => false;

    public Errno Refusal => Errno.EINVAL;

    /// <summary>Holds the file behind a descriptor, which may be closed then; EBADF for one that is not open.</summary>
    public static SysResult<IPageSource> Open(KernelState kernel, int descriptor, ulong start)
    {
        if (!kernel.Memory.IsFile(descriptor))
        {
            var other = kernel.Files[descriptor];
            return other is null && !DescriptorTable.IsOpenInProcess(descriptor)
                ? Errno.EBADF
                : new FilePages(kernel.Memory, null, other, start);
        }

        var held = kernel.Memory.Hold(descriptor);
        return held.IsOk ? new FilePages(kernel.Memory, held.Value, null, start) : held.Errno;
    }

    public PinAttempt Pin(ulong offset, ulong length, bool writable)
    {
        var from = Base + offset;
        if (_file is not { } file || from < Base || from > file.Length || length > file.Length - from)
        {
            return new PinAttempt([], 0, IsWhole: false);
        }

        var view = _memory.MapHeld(file, from, length);
        return view is null
            ? new PinAttempt([], 0, IsWhole: false)
            : new PinAttempt([new PinnedSegment(view.Address.Value, length, view)], length / IoasPages.PageSize, IsWhole: true);
    }

    public void Close()
    {
        if (_file is { } file)
        {
            _memory.LetGo(file);
        }

        _other?.LetGo();
    }
}
