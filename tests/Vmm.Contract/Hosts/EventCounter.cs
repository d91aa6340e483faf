using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;
using Vmm.Iommu.Results;

namespace Vmm.Contract.Hosts;

/// <summary>The counter of an eventfd, as a VMM reads it.</summary>
internal static class EventCounter
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Takes the next signal, which a device brings in its own time; <c>EAGAIN</c> when none came for long.</summary>
    public static string Await(int descriptor)
    {
        var began = TimeProvider.System.GetTimestamp();
        var taken = Take(descriptor);
        while (taken == Errno.EAGAIN.Name && TimeProvider.System.GetElapsedTime(began) < Patience)
        {
            taken = Take(descriptor);
        }

        return taken;
    }

    /// <summary>How often it was signalled since the last time; <c>EAGAIN</c> for never.</summary>
    public static string Take(int descriptor)
    {
        Span<byte> count = stackalloc byte[sizeof(ulong)];
        using var handle = new SafeFileHandle(descriptor, ownsHandle: false);
        try
        {
            RandomAccess.Read(handle, count, 0);
        }
        catch (IOException fault) when (fault.HResult == Errno.EAGAIN.Number)
        {
            return Errno.EAGAIN.Name;
        }

        return $"{BinaryPrimitives.ReadUInt64LittleEndian(count)}";
    }
}
