using Vmm.Iommu.Addressing;
using Vmm.Iommu.Reserved;
using Vmm.Testing.Emulation.Memory;
using Vmm.Testing.Emulation.Type1;

namespace Vmm.Testing.Emulation;

/// <summary>
/// Moves bytes between a device and real memory through the translation of the device's group. A mediated device has no
/// DMA of its own: its driver reads and writes the mapped memory for it, with that path's own rules.
/// </summary>
internal static class DmaEngine
{
    public static DmaOutcome Write(EmulatedDevice device, Iova iova, ReadOnlySpan<byte> bytes)
    {
        var done = 0;
        while (done < bytes.Length)
        {
            var step = Step(device, iova, done, bytes.Length - done, isWrite: true);
            if (step.Fault != DmaFault.None)
            {
                return step.Stopped(iova, done);
            }

            HostMemory.Write(step.Segment, step.Offset, bytes.Slice(done, step.Length));
            step.End();
            if (device.IsMediated)
            {
                step.Backend!.NoteWrite(step.Entry!, iova.Value + (ulong)done - step.Entry!.Range.Start.Value, (ulong)step.Length);
            }

            done += step.Length;
        }

        return new DmaOutcome(DmaFault.None, iova, done);
    }

    public static DmaOutcome Read(EmulatedDevice device, Iova iova, Span<byte> bytes)
    {
        var done = 0;
        while (done < bytes.Length)
        {
            var step = Step(device, iova, done, bytes.Length - done, isWrite: false);
            if (step.Fault != DmaFault.None)
            {
                return step.Stopped(iova, done);
            }

            HostMemory.Read(step.Segment, step.Offset, bytes.Slice(done, step.Length));
            step.End();
            done += step.Length;
        }

        return new DmaOutcome(DmaFault.None, iova, done);
    }

    private static DmaStep Step(EmulatedDevice device, Iova start, int done, int wanted, bool isWrite)
    {
        if (device.Group is not { IsUnprotected: false } group)
        {
            return new(DmaFault.NoGroup);
        }

        if (group.Vfio?.Container is not { } container)
        {
            return new(DmaFault.NotAssigned);
        }

        if (container.Backend is not { } backend || (!group.IsEmulated && backend.DomainOf(group) is null))
        {
            return new(DmaFault.Blocked);
        }

        // What a conventional device asks for comes with the requester ID of the bridge above it, which is in the domain.
        if (device.IsOutsideDomain && device.IsExpress)
        {
            return new(DmaFault.OutsideDomain);
        }

        // An access that passes the top of the space does not wrap: what is beyond is mapped by nobody.
        if ((ulong)done > ulong.MaxValue - start.Value)
        {
            return new(DmaFault.NotMapped);
        }

        var iova = new Iova(start.Value + (ulong)done);
        if (isWrite && group.Reserved.Any(region => region.Kind == ReservedRegionKind.Msi && region.Range.Contains(iova)))
        {
            return new(DmaFault.InterruptWindow);
        }

        return backend.EntryAt(iova) is not { } entry ? new(DmaFault.NotMapped)
            : Refusal(device, entry, isWrite) is var refused && refused != DmaFault.None ? new(refused)
            : entry.IsMapped ? Inside(backend, entry, iova, wanted)
            : ThroughProcess(backend, entry, iova, wanted, isWrite);
    }

    private static DmaFault Refusal(EmulatedDevice device, DmaEntry entry, bool isWrite)
    {
        // KERNEL: the drivers' own path wants READ for writes too.
        var needsRead = !isWrite || device.IsMediated;
        return needsRead && !entry.Access.HasFlag(DmaAccess.Read) ? DmaFault.NoReadAccess
            : isWrite && !entry.Access.HasFlag(DmaAccess.Write) ? DmaFault.NoWriteAccess
            : DmaFault.None;
    }

    private static DmaStep Inside(Type1Model backend, DmaEntry entry, Iova iova, int wanted)
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
                : new(DmaFault.None, segment, offset, (int)Math.Min((ulong)wanted, segment.Length - offset), backend, entry);
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
            return new(DmaFault.None, first, 0, (int)first.Length, backend, entry, reached.Segments);
        }

        reached.Release();
        return new(DmaFault.NoMemoryBehind);
    }

    private readonly record struct DmaStep(
        DmaFault Fault,
        PinnedSegment Segment = default,
        ulong Offset = 0,
        int Length = 0,
        Type1Model? Backend = null,
        DmaEntry? Entry = null,
        PinnedSegment[]? Borrowed = null)
    {
        /// <summary>Lets go of what was pinned for this step alone.</summary>
        public void End() => PinAttempt.Release(Borrowed ?? []);

        public DmaOutcome Stopped(Iova start, int done) => new(Fault, new Iova(start.Value + (ulong)done), done);
    }
}
