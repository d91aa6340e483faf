using Vmm.Actors;
using Vmm.Iommu.Addressing;

namespace Vmm.Cli.Plans;

/// <summary>What is to be planned.</summary>
/// <param name="Memory">What <c>info mtree -f</c> printed, or a capture.</param>
/// <param name="Device">The device, by its name in sysfs.</param>
internal sealed record PlanRequest(string Memory, string Device)
{
    /// <summary>Devices that are in the space before it, in the order in which they came.</summary>
    internal IReadOnlyList<string> With { get; init; } = [];

    /// <summary>The guest's address space.</summary>
    internal string Space { get; init; } = Iommu.AddressSpaces.MtreeMap.SystemMemory;

    /// <summary>The step of a capture whose view is taken, from 1; null for the last one.</summary>
    internal int? Step { get; init; }

    /// <summary>Ranges that nothing is to be mapped in.</summary>
    internal IReadOnlyList<IovaRange> Holes { get; init; } = [];

    /// <summary>True to ask the kernel by an empty container.</summary>
    internal bool Probe { get; init; }

    /// <summary>By which path the kernel is asked.</summary>
    internal BackendChoice Backend { get; init; }
}
