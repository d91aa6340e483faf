using Vmm.Iommu.Addressing;
using Vmm.Iommu.Reserved;

namespace Vmm.Cli.Drawing;

/// <summary>What is drawn of an address space.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Generation">Number of its view.</param>
/// <param name="Containers">Its containers, from left to right.</param>
internal sealed record SpacePicture(string Name, long Generation, IReadOnlyList<SpacePicture.Container> Containers)
{
    /// <summary>One container.</summary>
    /// <param name="Title">Its name.</param>
    /// <param name="Members">Its groups and devices, in words.</param>
    internal sealed record Container(string Title, string Members)
    {
        /// <summary>Every mapping, ascending.</summary>
        internal IReadOnlyList<Mapping> Mapped { get; init; } = [];

        internal IReadOnlyList<Skip> Skipped { get; init; } = [];

        internal IReadOnlyList<ReservedRegion> Reserved { get; init; } = [];

        /// <summary>Null where the kernel does not say.</summary>
        internal ValidIovaRanges? Windows { get; init; }

        /// <summary>Why it cannot be relied on; null when it can.</summary>
        internal string? Degraded { get; init; }

        /// <summary>Page sizes of its IOMMUs; an empty set where they are unknown.</summary>
        internal PageSizes Pages { get; init; }

        /// <summary>Mappings that could still be made; null where the kernel does not say.</summary>
        internal uint? EntriesLeft { get; init; }

        /// <summary>Of the mappings, those that a vIOMMU asked for.</summary>
        internal int Hot { get; init; }

        /// <summary>Of the entries left, those that no vIOMMU gets.</summary>
        internal uint KeptForViews { get; init; }

        /// <summary>What else there is to say of it, such as what is not known; a line each.</summary>
        internal IReadOnlyList<string> Remarks { get; init; } = [];
    }

    /// <summary>A mapping.</summary>
    internal sealed record Mapping(IovaRange Range, string Name, DmaAccess Access, bool IsDying = false)
    {
        /// <summary>Offset of the first byte in the memory behind it.</summary>
        internal ulong Offset { get; init; }

        /// <summary>The largest page that its address, offset and length allow; zero where page sizes are unknown.</summary>
        internal ulong LargestPage { get; init; }

        /// <summary>True when both show the same bytes in the same way wherever they overlap.</summary>
        internal bool Agrees(Mapping other) =>
            Name == other.Name && Access == other.Access && IsDying == other.IsDying
            && unchecked(Offset - Range.Start.Value) == unchecked(other.Offset - other.Range.Start.Value);
    }

    /// <summary>A section that is left out.</summary>
    internal sealed record Skip(IovaRange Range, string Name, string Reason);
}
