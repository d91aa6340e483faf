using Vmm.Iommu.Addressing;
using Vmm.Testing.Emulation.Memory;

namespace Vmm.Testing.Emulation.Type1;

/// <summary>One mapping of a type1 container.</summary>
internal sealed class DmaEntry(IovaRange range, ulong address, DmaAccess access, bool hasIpcLock)
{
    public IovaRange Range { get; } = range;

    public ulong Size => Range.Last.Value - Range.Start.Value + 1;

    /// <summary>Process address of the first byte; changes when VADDR gives a new one, and pins stay as they were.</summary>
    public ulong Address { get; set; } = address;

    public DmaAccess Access { get; } = access;

    /// <summary>True when whoever mapped it may lock without limit.</summary>
    public bool HasIpcLock { get; } = hasIpcLock;

    /// <summary>True while it is in the page tables of real domains, and so pinned.</summary>
    public bool IsMapped { get; private set; }

    /// <summary>True after UNMAP with VADDR, until MAP with VADDR.</summary>
    public bool IsVaddrInvalid { get; set; }

    /// <summary>What is pinned.</summary>
    public PinnedSegment[] Pins { get; private set; } = [];

    /// <summary>Pages charged for it.</summary>
    public ulong ChargedPages { get; private set; }

    /// <summary>Dirty bits, one a page, with room for one word more; null while nothing is logged.</summary>
    public ulong[]? Dirty { get; set; }

    public void Hold(PinAttempt pinned)
    {
        (IsMapped, Pins, ChargedPages) = (true, pinned.Segments, pinned.ChargedPages);
    }

    /// <summary>Unpins; answers the pages that were charged.</summary>
    public ulong LetGo()
    {
        PinAttempt.Release(Pins);
        var charged = ChargedPages;
        (IsMapped, Pins, ChargedPages) = (false, [], 0);
        return charged;
    }
}
