using Vmm.Iommu.Addressing;

namespace Vmm.Testing.Scenarios.Machines;

/// <summary>
/// Accesses of a device that does not say whether they arrived: its engine moves bytes between memory and a buffer that only it can
/// see. What arrived is found by moving other bytes after them, by way of a page of guest RAM that is put back as it was.
/// </summary>
internal sealed class EduDma(EduEngine engine, IGuestSight guest, ulong page)
{
    private const string Stuck = "the device's DMA does not end";

    internal DmaAnswer Write(Iova iova, ReadOnlySpan<byte> bytes)
    {
        var saved = guest.Read(page, bytes.Length);
        try
        {
            // The bytes may stand there already: only what can be changed to something else and back has arrived.
            var others = Inverted(bytes);
            if (Moved(iova, others, bytes) is not { } first || (first ? Moved(iova, bytes, others) : false) is not { } second)
            {
                return new DmaAnswer(StepOutcome.Fault, Stuck);
            }

            return second
                ? new DmaAnswer(StepOutcome.Done, $"completed, {bytes.Length} bytes")
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

    /// <summary>Where the guest can write, the device has to see two things that the guest wrote.</summary>
    private DmaAnswer ReadKnown(Iova iova, Span<byte> bytes)
    {
        var there = guest.Read(iova.Value, bytes.Length);
        try
        {
            var others = Inverted(there);
            guest.Write(iova.Value, others);
            if (Fetched(iova, there) is not { } changed)
            {
                return new DmaAnswer(StepOutcome.Fault, Stuck);
            }

            if (!changed.AsSpan().SequenceEqual(others))
            {
                return Stopped(iova);
            }
        }
        finally
        {
            guest.Write(iova.Value, there);
        }

        if (Fetched(iova, Inverted(there)) is not { } found)
        {
            return new DmaAnswer(StepOutcome.Fault, Stuck);
        }

        found.CopyTo(bytes);
        return found.AsSpan().SequenceEqual(there) ? new DmaAnswer(StepOutcome.Done, $"completed, {bytes.Length} bytes") : Stopped(iova);
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

    /// <summary>Writes bytes to memory and looks, the buffer holding others before, whether they stand there. Null when the device does not end.</summary>
    private bool? Moved(Iova iova, ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> others)
    {
        guest.Write(page, bytes);
        return engine.Load(new Iova(page), bytes.Length) && engine.Store(iova, bytes.Length) && Fetched(iova, others) is { } found
            ? found.AsSpan().SequenceEqual(bytes)
            : null;
    }

    /// <summary>What the device reads with other bytes in its buffer before. Null when the device does not end.</summary>
    private byte[]? Fetched(Iova iova, ReadOnlySpan<byte> before)
    {
        guest.Write(page, before);
        return engine.Load(new Iova(page), before.Length) && engine.Load(iova, before.Length) && engine.Store(new Iova(page), before.Length)
            ? guest.Read(page, before.Length)
            : null;
    }
}
