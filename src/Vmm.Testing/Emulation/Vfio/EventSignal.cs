using Microsoft.Win32.SafeHandles;
using Vmm.Iommu.Results;

namespace Vmm.Testing.Emulation.Vfio;

/// <summary>Raises and clears an eventfd that somebody else owns, as the kernel does when an interrupt or an event comes.</summary>
internal static class EventSignal
{
    /// <summary>Adds one to the counter: the descriptor polls as readable. A descriptor that was closed meanwhile hears nothing.</summary>
    public static void Raise(int descriptor)
    {
        Span<byte> one = stackalloc byte[sizeof(ulong)];
        BitConverter.TryWriteBytes(one, 1UL);
        using var handle = new SafeFileHandle(descriptor, ownsHandle: false);
        RandomAccess.Write(handle, one, 0);
    }

    /// <summary>Takes the counter back to zero, if it was raised.</summary>
    /// <returns>True when it was.</returns>
    public static bool TryTake(int descriptor)
    {
        try
        {
            Clear(descriptor);
            return true;
        }
        catch (IOException empty) when (empty.HResult == Errno.EAGAIN.Number)
        {
            return false;
        }
    }

    /// <summary>Takes the counter back to zero.</summary>
    public static void Clear(int descriptor)
    {
        Span<byte> count = stackalloc byte[sizeof(ulong)];
        using var handle = new SafeFileHandle(descriptor, ownsHandle: false);
        RandomAccess.Read(handle, count, 0);
    }
}
