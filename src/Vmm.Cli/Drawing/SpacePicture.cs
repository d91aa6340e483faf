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
        internal IReadOnlyList<Mapping> Mapped { get; init; } = [];

        internal IReadOnlyList<Skip> Skipped { get; init; } = [];

        internal IReadOnlyList<ReservedRegion> Reserved { get; init; } = [];

        /// <summary>Null where the kernel does not say.</summary>
        internal ValidIovaRanges? Windows { get; init; }

        /// <summary>Why it cannot be relied on; null when it can.</summary>
        internal string? Degraded { get; init; }
    }

    /// <summary>A mapping.</summary>
    internal sealed record Mapping(IovaRange Range, string Name, DmaAccess Access, bool IsDying = false);

    /// <summary>A section that is left out.</summary>
    internal sealed record Skip(IovaRange Range, string Name, string Reason);
}
