using Vmm.Iommu.Addressing;
using Vmm.Testing.Emulation.Type1;

namespace Vmm.Testing.Emulation;

/// <summary>Finds the memory behind an IOVA of a type1 container.</summary>
internal static class ContainerDma
{
    public static DmaStep Step(EmulatedDevice device, Type1Model backend, Iova iova, int wanted, bool isWrite)
    {
        if (backend.EntryAt(iova) is not { } entry)
        {
            return new(DmaFault.NotMapped);
        }

        var refused = Refusal(device, entry, isWrite);
        if (refused != DmaFault.None)
        {
            return new(refused);
        }

        var step = entry.IsMapped ? Inside(entry, iova, wanted) : ThroughProcess(backend, entry, iova, wanted, isWrite);

        // KERNEL: only what drivers write leaves a mark.
        return device.IsMediated
            ? step with { Wrote = (at, length) => backend.NoteWrite(entry, at - entry.Range.Start.Value, length) }
            : step;
    }

    private static DmaFault Refusal(EmulatedDevice device, DmaEntry entry, bool isWrite)
    {
        // KERNEL: the drivers' own path wants READ for writes too.
        var needsRead = !isWrite || device.IsMediated;
        return needsRead && !entry.Access.HasFlag(DmaAccess.Read) ? DmaFault.NoReadAccess
            : isWrite && !entry.Access.HasFlag(DmaAccess.Write) ? DmaFault.NoWriteAccess
            : DmaFault.None;
    }

    private static DmaStep Inside(DmaEntry entry, Iova iova, int wanted)
    {
        var offset = iova.Value - entry.Range.Start.Value;
        foreach (var segment in entry.Pins)
        {
            if (offset >= segment.Length)
            {
                offset -= segment.Length;
                continue;
            }

            return segment.Block is null
                ? new(DmaFault.NoMemoryBehind)
                : new(DmaFault.None, segment, offset, (int)Math.Min((ulong)wanted, segment.Length - offset));
        }

        return new(DmaFault.NoMemoryBehind);
    }

    /// <summary>KERNEL: in a container of mediated devices alone nothing is pinned; a driver goes through the process' addresses, now.</summary>
    private static DmaStep ThroughProcess(Type1Model backend, DmaEntry entry, Iova iova, int wanted, bool isWrite)
    {
        var offset = iova.Value - entry.Range.Start.Value;
        var reached = backend.Reach(entry, offset, Math.Min((ulong)wanted, entry.Size - offset), isWrite);
        if (reached.Segments is [{ Block: not null } first, ..])
        {
            return new(DmaFault.None, first, 0, (int)first.Length, Borrowed: reached.Segments);
        }

        reached.Release();
        return new(DmaFault.NoMemoryBehind);
    }
}
