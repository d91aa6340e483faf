using Vmm.Iommu.Results;

namespace Vmm.Iommu.Kernel;

/// <summary>
/// Device nodes: open, close, ioctl. Never throws, logs or retries; every errno is handed on as it came.
/// Safe to call from any thread.
/// </summary>
public interface IDevices
{
    /// <summary>Opens a node read-write and close-on-exec.</summary>
    /// <param name="path">Absolute path, such as <c>/dev/vfio/6</c>.</param>
    /// <returns>The descriptor, or the errno of open(2).</returns>
    SysResult Open(string path);

    /// <summary>Closes a descriptor that this interface gave out.</summary>
    SysResult Close(int descriptor);

    /// <summary>A new eventfd, non-blocking and close-on-exec: for interrupts and for waking.</summary>
    SysResult CreateEvent();

    /// <summary>An ioctl whose third argument is a number, or absent (0).</summary>
    SysResult Ioctl(int descriptor, IoctlCode request, ulong value);

    /// <summary>An ioctl whose third argument points to <paramref name="argument"/>, read and written in place.</summary>
    /// <returns>
    /// The call's value or errno. <see cref="Errno.EFAULT"/> without a call when the request carries its own size
    /// (<see cref="IoctlCode.HasSize"/>) and the size claims more than the span.
    /// </returns>
    SysResult Ioctl(int descriptor, IoctlCode request, Span<byte> argument);

    /// <summary>The same for a struct that carries one pointer.</summary>
    /// <param name="descriptor">The descriptor.</param>
    /// <param name="request">The request.</param>
    /// <param name="argument">The struct, read and written in place.</param>
    /// <param name="pointerAt">Offset of the 8-byte pointer in <paramref name="argument"/>; patched with the address of the buffer.</param>
    /// <param name="buffer">What the pointer points to, read and written in place; empty is a null pointer.</param>
    SysResult Ioctl(int descriptor, IoctlCode request, Span<byte> argument, int pointerAt, Span<byte> buffer);
}
