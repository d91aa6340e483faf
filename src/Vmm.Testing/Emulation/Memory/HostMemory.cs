namespace Vmm.Testing.Emulation.Memory;

/// <summary>The one place where bytes move between a device and this process.</summary>
internal static unsafe class HostMemory
{
    /// <summary>Copies into memory that a pin of <paramref name="segment"/>'s block keeps mapped.</summary>
    public static void Write(PinnedSegment segment, ulong offset, ReadOnlySpan<byte> bytes)
    {
        CheckInside(segment, offset, bytes.Length);

        // SAFETY: the range lies inside a block that this kernel mapped and that stays mapped while it is pinned.
        bytes.CopyTo(new Span<byte>((void*)(segment.Address + offset), bytes.Length));
    }

    /// <summary>Copies out of memory that a pin of <paramref name="segment"/>'s block keeps mapped.</summary>
    public static void Read(PinnedSegment segment, ulong offset, Span<byte> bytes)
    {
        CheckInside(segment, offset, bytes.Length);

        // SAFETY: the range lies inside a block that this kernel mapped and that stays mapped while it is pinned.
        new ReadOnlySpan<byte>((void*)(segment.Address + offset), bytes.Length).CopyTo(bytes);
    }

    private static void CheckInside(PinnedSegment segment, ulong offset, int length)
    {
        if (segment.Block is not { IsPinned: true } block
            || (ulong)length > segment.Length
            || offset > segment.Length - (ulong)length
            || segment.Address - block.Address.Value + offset + (ulong)length > block.Backed)
        {
            throw new InvalidOperationException("DMA left the pinned memory: the emulated kernel's book-keeping is wrong.");
        }
    }
}
