using System.Runtime.InteropServices;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.Results;

namespace Vmm.Iommu.Kernel;

/// <summary>The kernel this process runs on. Stateless; safe to call from any thread.</summary>
public sealed unsafe class LinuxKernel : IDevices, IMemory, IUevents
{
    /// <summary>The five sides of the running kernel, named <c>linux</c>.</summary>
    public static HostKernel Create()
    {
        var kernel = new LinuxKernel();
        return new HostKernel("linux", kernel, kernel, new DirectorySysfs("/sys"), kernel, new DirectoryProc("/proc"));
    }

    /// <inheritdoc/>
    public SysResult Open(string path) =>
        Answer(LinuxImports.Open(path, LinuxImports.OpenReadWrite | LinuxImports.CloseOnExec));

    /// <inheritdoc cref="IDevices.Close"/>
    public SysResult Close(int descriptor) => Answer(LinuxImports.Close(descriptor));

    /// <inheritdoc/>
    public SysResult CreateEvent() =>
        Answer(LinuxImports.EventFd(0, LinuxImports.EventNonBlocking | LinuxImports.CloseOnExec));

    /// <inheritdoc/>
    public SysResult Ioctl(int descriptor, IoctlCode request, ulong value) =>
        IoctlAnswer(LinuxImports.Ioctl(descriptor, request.Number, (nuint)value));

    /// <inheritdoc/>
    public SysResult Ioctl(int descriptor, IoctlCode request, Span<byte> argument)
    {
        if (ClaimsMoreThanItHas(request, argument))
        {
            return Errno.EFAULT;
        }

        // SAFETY: the span stays pinned for the call, and the size that the kernel reads from it is within it.
        fixed (byte* pointer = argument)
        {
            return IoctlAnswer(LinuxImports.Ioctl(descriptor, request.Number, (nuint)pointer));
        }
    }

    /// <inheritdoc/>
    public SysResult Ioctl(int descriptor, IoctlCode request, Span<byte> argument, int pointerAt, Span<byte> buffer)
    {
        if (ClaimsMoreThanItHas(request, argument) || pointerAt < 0 || pointerAt > argument.Length - sizeof(ulong))
        {
            return Errno.EFAULT;
        }

        // SAFETY: both spans stay pinned for the call; the pointer is patched in at an offset inside the struct and taken out again.
        fixed (byte* pointer = argument)
        fixed (byte* target = buffer)
        {
            var slot = argument.Slice(pointerAt, sizeof(ulong));
            MemoryMarshal.Write(slot, (ulong)target);
            var result = IoctlAnswer(LinuxImports.Ioctl(descriptor, request.Number, (nuint)pointer));
            slot.Clear();
            return result;
        }
    }

    /// <inheritdoc/>
    public SysResult CreateMemfd(string name, ulong length)
    {
        var file = Answer(LinuxImports.MemfdCreate(name, LinuxImports.MemfdCloseOnExec));
        if (!file.IsOk)
        {
            return file;
        }

        var sized = length > long.MaxValue ? Errno.EINVAL : Answer(LinuxImports.FTruncate(file.Descriptor, (long)length));
        if (!sized.IsOk)
        {
            Close(file.Descriptor);
            return sized.Errno;
        }

        return file;
    }

    /// <inheritdoc/>
    public SysResult CloseMemfd(int descriptor) => Close(descriptor);

    /// <inheritdoc/>
    public SysResult Map(ulong length, MappingProtection protection, MappingSharing sharing, int descriptor, ulong offset)
    {
        var flags = sharing switch
        {
            MappingSharing.Shared => LinuxImports.MapShared,
            MappingSharing.Private => LinuxImports.MapPrivate,
            _ => LinuxImports.MapPrivate | LinuxImports.MapAnonymous,
        };
        var address = LinuxImports.MMap(0, (nuint)length, (int)protection, flags | LinuxImports.MapNoReserve, descriptor, (long)offset);
        return address == LinuxImports.MapFailed ? LastError() : SysResult.Of(address);
    }

    /// <summary>
    /// Maps a file over and over, copy after copy, at an address of the kernel's choice: memory of any length that costs no more than the
    /// file. A byte shows at every multiple of the file's length. <see cref="Unmap"/> takes it back whole.
    /// </summary>
    /// <param name="length">Bytes; a multiple of the page size.</param>
    /// <param name="descriptor">The file.</param>
    /// <param name="fold">The file's length in bytes; a multiple of the page size, not 0.</param>
    /// <returns>The address as value, or the errno of mmap(2); nothing is mapped then.</returns>
    public SysResult MapFolded(ulong length, int descriptor, ulong fold)
    {
        ArgumentOutOfRangeException.ThrowIfZero(fold);
        var start = Map(length, MappingProtection.None, MappingSharing.Anonymous, -1, 0);
        for (var at = 0UL; start.IsOk && at < length; at += fold)
        {
            // SAFETY: MAP_FIXED replaces addresses of the reservation just made, which nobody else knows.
            var piece = LinuxImports.MMap(
                (nint)start.Value + (nint)at,
                (nuint)Math.Min(fold, length - at),
                (int)MappingProtection.ReadWrite,
                LinuxImports.MapShared | LinuxImports.MapNoReserve | LinuxImports.MapFixed,
                descriptor,
                0);
            if (piece == LinuxImports.MapFailed)
            {
                var wrong = LastError();
                Unmap(new HostAddress((ulong)start.Value), length);
                return wrong;
            }
        }

        if (start.IsOk)
        {
            // KERNEL: huge pages are pinned many times faster, and every copy shows the same ones. Since 6.1 they can be had whatever is
            // configured, of pages that are there; where they cannot, the file is as good with small ones.
            Populate(new HostAddress((ulong)start.Value), Math.Min(fold, length), writable: true);
            LinuxImports.MAdvise((nint)start.Value, (nuint)Math.Min(fold, length), LinuxImports.AdviseCollapse);
        }

        return start;
    }

    /// <inheritdoc/>
    public SysResult Unmap(HostAddress address, ulong length) =>
        Answer(LinuxImports.MUnmap((nint)address.Value, (nuint)length));

    /// <inheritdoc/>
    public SysResult Populate(HostAddress address, ulong length, bool writable) =>
        Answer(LinuxImports.MAdvise(
            (nint)address.Value,
            (nuint)length,
            writable ? LinuxImports.AdvisePopulateWrite : LinuxImports.AdvisePopulateRead));

    /// <inheritdoc/>
    public SysResult Listen()
    {
        var socket = Answer(LinuxImports.Socket(
            LinuxImports.FamilyNetlink,
            LinuxImports.SocketDatagram | LinuxImports.SocketCloseOnExecNonBlocking,
            LinuxImports.NetlinkUevent));
        if (!socket.IsOk)
        {
            return socket;
        }

        // struct sockaddr_nl: family, padding, port 0 (the kernel chooses), groups 1 (the kernel's own events).
        Span<byte> address = stackalloc byte[12];
        address.Clear();
        address[0] = LinuxImports.FamilyNetlink;
        address[8] = 1;

        // SAFETY: the address lives on this stack frame for the call.
        fixed (byte* pointer = address)
        {
            var bound = Answer(LinuxImports.Bind(socket.Descriptor, pointer, (uint)address.Length));
            if (!bound.IsOk)
            {
                Close(socket.Descriptor);
                return bound.Errno;
            }
        }

        return socket;
    }

    /// <inheritdoc/>
    public SysResult Receive(int descriptor, Span<byte> buffer)
    {
        // SAFETY: the buffer stays pinned for the call and its own length bounds what is written.
        fixed (byte* pointer = buffer)
        {
            var count = LinuxImports.Receive(descriptor, pointer, (nuint)buffer.Length, 0);
            return count < 0 ? LastError() : SysResult.Of(count);
        }
    }

    private static bool ClaimsMoreThanItHas(IoctlCode request, ReadOnlySpan<byte> argument) =>
        request.HasSize && (argument.Length < sizeof(uint) || MemoryMarshal.Read<uint>(argument) > argument.Length);

    private static SysResult Answer(int result) => result < 0 ? LastError() : SysResult.Of(result);

    private static SysResult IoctlAnswer(int result) => result < 0 ? new Errno(Marshal.GetLastSystemError()) : SysResult.Of(result);

    private static SysResult LastError() => new Errno(Marshal.GetLastPInvokeError());
}
