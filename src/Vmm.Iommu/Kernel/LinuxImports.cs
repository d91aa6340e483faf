using System.Runtime.InteropServices;

namespace Vmm.Iommu.Kernel;

/// <summary>The system calls of the fence. Nothing else in the tree imports native code. None suppresses the GC transition: each can block.</summary>
// SAFETY: the class declares; the callers in this folder own the buffers that they pass and keep them alive during the call.
internal static unsafe partial class LinuxImports
{
    public const int OpenReadWrite = 2;
    public const int CloseOnExec = 0x80000;
    public const int EventNonBlocking = 0x800;
    public const int MemfdCloseOnExec = 1;
    public const int MapShared = 1;
    public const int MapPrivate = 2;
    public const int MapFixed = 0x10;
    public const int MapAnonymous = 0x20;
    public const int MapNoReserve = 0x4000;
    public const int AdvisePopulateRead = 22;
    public const int AdvisePopulateWrite = 23;
    public const int AdviseCollapse = 25;
    public const int FamilyNetlink = 16;
    public const int SocketDatagram = 2;
    public const int SocketCloseOnExecNonBlocking = 0x80800;
    public const int NetlinkUevent = 15;
    public static readonly nint MapFailed = -1;

    private const string C = "libc";

    [LibraryImport(C, EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags);

    [LibraryImport(C, EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int descriptor);

    [LibraryImport(C, EntryPoint = "eventfd", SetLastError = true)]
    public static partial int EventFd(uint initial, int flags);

    // The call of the hot path: errno is asked for after a failure only, which the runtime leaves alone until then.
    [LibraryImport(C, EntryPoint = "ioctl")]
    public static partial int Ioctl(int descriptor, nuint request, nuint argument);

    [LibraryImport(C, EntryPoint = "memfd_create", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int MemfdCreate(string name, uint flags);

    [LibraryImport(C, EntryPoint = "ftruncate", SetLastError = true)]
    public static partial int FTruncate(int descriptor, long length);

    [LibraryImport(C, EntryPoint = "mmap", SetLastError = true)]
    public static partial nint MMap(nint address, nuint length, int protection, int flags, int descriptor, long offset);

    [LibraryImport(C, EntryPoint = "munmap", SetLastError = true)]
    public static partial int MUnmap(nint address, nuint length);

    [LibraryImport(C, EntryPoint = "madvise", SetLastError = true)]
    public static partial int MAdvise(nint address, nuint length, int advice);

    [LibraryImport(C, EntryPoint = "socket", SetLastError = true)]
    public static partial int Socket(int family, int type, int protocol);

    [LibraryImport(C, EntryPoint = "bind", SetLastError = true)]
    public static partial int Bind(int descriptor, byte* address, uint length);

    [LibraryImport(C, EntryPoint = "recv", SetLastError = true)]
    public static partial nint Receive(int descriptor, byte* buffer, nuint length, int flags);
}
