using Vmm.Iommu.Addressing;

namespace Vmm.Testing.Scenarios.Machines;

/// <summary>
/// Accesses of a device that does not say whether they arrived: its engine moves bytes between memory and a buffer that only it can
/// see. What arrived is seen by the guest, or found by moving other bytes after them, by way of a page of guest RAM that is put back as
/// it was.
/// </summary>
internal sealed class EduDma(EduEngine engine, IGuestSight guest, ulong page)
{
    // QEMU: an edu device has 28 address lines unless it is told otherwise, and leaves higher bits out without a word.
    private const ulong FirstUnreached = 1UL << 28;
    private const ulong FarBit = 1UL << 46;
    private const string Stuck = "the device's DMA does not end";

    /// <summary>False for a device that would access another address than asked for.</summary>
    internal bool Reaches(Iova iova)
    {
        if (iova.Value < FirstUnreached)
        {
            return true;
        }

        var saved = guest.Read(page, 8);
        try
        {
            byte[] mark = [0x5a, 0xc3, 0x3c, 0xa5, 0x96, 0x69, 0x0f, 0xf0];
            return Fetched(new Iova(page | FarBit), mark, Inverted(mark)) is { } found && !found.AsSpan().SequenceEqual(mark);
        }
        finally
        {
            guest.Write(page, saved);
        }
    }

    internal DmaAnswer Write(Iova iova, ReadOnlySpan<byte> bytes)
    {
        var saved = guest.Read(page, bytes.Length);
        try
        {
            var arrived = guest.HasMemory(iova.Value, bytes.Length) ? Seen(iova, bytes) : Moved(iova, bytes);
            return arrived is not { } done ? new DmaAnswer(StepOutcome.Fault, Stuck)
                : done ? new DmaAnswer(StepOutcome.Done, $"completed, {bytes.Length} bytes")
                : new DmaAnswer(StepOutcome.DmaFault, $"the device's write at {iova} did not arrive");
        }
        finally
        {
            guest.Write(page, saved);
        }
    }

    internal DmaAnswer Read(Iova iova, Span<byte> bytes)
    {
        var saved = guest.Read(page, bytes.Length);
        try
        {
            return guest.HasMemory(iova.Value, bytes.Length) ? ReadKnown(iova, bytes) : ReadUnknown(iova, bytes);
        }
        finally
        {
            guest.Write(page, saved);
        }
    }

    /// <summary>Where the guest can write, the device has to see what the guest wrote only just.</summary>
    private DmaAnswer ReadKnown(Iova iova, Span<byte> bytes)
    {
        var there = guest.Read(iova.Value, bytes.Length);
        var others = Inverted(there);
        try
        {
            guest.Write(iova.Value, others);
            if (Fetched(iova, there) is not { } found)
            {
                return new DmaAnswer(StepOutcome.Fault, Stuck);
            }

            there.CopyTo(bytes);
            return found.AsSpan().SequenceEqual(others) ? new DmaAnswer(StepOutcome.Done, $"completed, {bytes.Length} bytes") : Stopped(iova);
        }
        finally
        {
            guest.Write(iova.Value, there);
        }
    }

    /// <summary>KERNEL: a read that the IOMMU stops gives what was in the buffer, zeros or ones, never the same bytes after other ones.</summary>
    private DmaAnswer ReadUnknown(Iova iova, Span<byte> bytes)
    {
        var filler = new byte[bytes.Length];
        filler.AsSpan().Fill(0x5a);
        if (Fetched(iova, filler) is not { } first || Fetched(iova, Inverted(filler)) is not { } second)
        {
            return new DmaAnswer(StepOutcome.Fault, Stuck);
        }

        first.CopyTo(bytes);
        var isSame = first.AsSpan().SequenceEqual(second);
        var isBlank = !first.AsSpan().ContainsAnyExcept<byte>(0) || !first.AsSpan().ContainsAnyExcept<byte>(0xff);
        return isSame && !isBlank ? new DmaAnswer(StepOutcome.Done, $"completed, {bytes.Length} bytes") : Stopped(iova);
    }

    private static DmaAnswer Stopped(Iova iova) => new(StepOutcome.DmaFault, $"the device's read at {iova} did not arrive");

    private static byte[] Inverted(ReadOnlySpan<byte> bytes)
    {
        var other = bytes.ToArray();
        foreach (ref var one in other.AsSpan())
        {
            one = (byte)~one;
        }

        return other;
    }

    /// <summary>Writes bytes where the guest sees others until they arrive. Null when the device does not end.</summary>
    private bool? Seen(Iova iova, ReadOnlySpan<byte> bytes)
    {
        var there = guest.Read(iova.Value, bytes.Length);
        guest.Write(iova.Value, Inverted(bytes));
        guest.Write(page, bytes);
        var ended = engine.Load(new Iova(page), bytes.Length) && engine.Store(iova, bytes.Length);
        if (ended && guest.Read(iova.Value, bytes.Length).AsSpan().SequenceEqual(bytes))
        {
            return true;
        }

        guest.Write(iova.Value, there);
        return ended ? false : null;
    }

    /// <summary>Writes other bytes and then these where nobody else sees them; what cannot be changed has not arrived. Null when the device does not end.</summary>
    private bool? Moved(Iova iova, ReadOnlySpan<byte> bytes)
    {
        var others = Inverted(bytes);
        return Moved(iova, others, bytes) is not true and var first ? first : Moved(iova, bytes, others);
    }

    private bool? Moved(Iova iova, ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> before)
    {
        guest.Write(page, bytes);
        return engine.Load(new Iova(page), bytes.Length) && engine.Store(iova, bytes.Length) && Fetched(iova, before) is { } found
            ? found.AsSpan().SequenceEqual(bytes)
            : null;
    }

    /// <summary>What the device reads with other bytes in its buffer before. Null when the device does not end.</summary>
    private byte[]? Fetched(Iova iova, ReadOnlySpan<byte> before) => Fetched(iova, guest.Read(page, before.Length), before);

    /// <summary>The same with bytes in the page while it reads.</summary>
    private byte[]? Fetched(Iova iova, ReadOnlySpan<byte> meanwhile, ReadOnlySpan<byte> before)
    {
        guest.Write(page, before);
        if (!engine.Load(new Iova(page), before.Length))
        {
            return null;
        }

        guest.Write(page, meanwhile);
        return engine.Load(iova, before.Length) && engine.Store(new Iova(page), before.Length) ? guest.Read(page, before.Length) : null;
    }
}
