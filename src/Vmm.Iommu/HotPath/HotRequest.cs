using Vmm.Iommu.Addressing;
using Vmm.Iommu.GuestMemory;

namespace Vmm.Iommu.HotPath;

/// <summary>A map or unmap from a vCPU: all that the holder of the turn needs to know, held in a slot itself so that nothing is allocated.</summary>
/// <param name="Kind">What it does.</param>
/// <param name="Range">IOVAs, as the guest gave them.</param>
/// <param name="Generation">The generation of the container's windows that the caller saw; 0 where it names none.</param>
internal readonly record struct HotRequest(HotKind Kind, IovaRange Range, long Generation)
{
    /// <summary>The memory of a map; null for anything else.</summary>
    public RamBlock? Block { get; init; }

    /// <summary>Offset of the first byte in <see cref="Block"/>.</summary>
    public ulong Offset { get; init; }

    /// <summary>What devices may do.</summary>
    public DmaAccess Access { get; init; }

    /// <summary>True where the same mapping in the table is a success: a container that is being filled may have it already.</summary>
    public bool TakesTheSame { get; init; }

    /// <summary>True where the poster lets it become one mapping with its neighbours, which are then unmapped together.</summary>
    public bool MayMerge { get; init; }

    /// <summary>True for several neighbours at once: where that fails each is tried alone, so that its failure says nothing yet.</summary>
    public bool IsTogether { get; init; }

    /// <summary>Who hears the answer; null where a caller waits at the slot.</summary>
    public BatchAnswers? Answers { get; init; }

    /// <summary>Which of the answers it is.</summary>
    public int Ticket { get; init; }

    /// <summary>True when <paramref name="next"/> may be done with this one, by one call to the kernel.</summary>
    public bool IsFollowedBy(in HotRequest next)
    {
        if (Kind != next.Kind || Generation != next.Generation || !Range.IsFollowedBy(next.Range))
        {
            return false;
        }

        return Kind == HotKind.Map
            ? MayMerge && next.MayMerge && Block == next.Block && Access == next.Access && next.Offset - Offset == (ulong)Range.Length
            : Kind == HotKind.Unmap;
    }
}
