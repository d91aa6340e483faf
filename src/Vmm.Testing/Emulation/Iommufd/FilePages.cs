using Vmm.Iommu.Results;
using Vmm.Testing.Emulation.Memory;
using Vmm.Testing.Emulation.Vfio;

namespace Vmm.Testing.Emulation.Iommufd;

/// <summary>
/// Pages of a file by their offset. KERNEL: what file it is and how long, is looked at when its pages are pinned, and only
/// a memfd's can be.
/// </summary>
internal sealed class FilePages : IPageSource
{
    private readonly EmulatedMemory _memory;
    private readonly HeldFile? _file;

    private FilePages(EmulatedMemory memory, HeldFile? file, ulong start)
    {
        (_memory, _file, Base) = (memory, file, start);
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
            return kernel.Files[descriptor] is null && !DescriptorTable.IsOpenInProcess(descriptor)
                ? Errno.EBADF
                : new FilePages(kernel.Memory, null, start);
        }

        var held = kernel.Memory.Hold(descriptor);
        return held.IsOk ? new FilePages(kernel.Memory, held.Value, start) : held.Errno;
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
    }
}
