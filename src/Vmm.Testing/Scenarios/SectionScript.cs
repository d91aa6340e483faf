using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.Addressing;

namespace Vmm.Testing.Scenarios;

/// <summary>A section of a view.</summary>
/// <param name="Range">Where, both ends inclusive.</param>
/// <param name="Kind">What it shows.</param>
/// <param name="Name">The memory region's name. Sections of one name show one block of memory.</param>
public sealed record SectionScript(IovaRange Range, SectionKind Kind, string Name)
{
    /// <summary>Offset in the memory region, in bytes.</summary>
    public ulong Offset { get; init; }

    /// <summary>True when devices may not write.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>What the kernel finds behind the host addresses. Says so once for each name.</summary>
    public SectionBacking Backing { get; init; }

    /// <summary>For a mapped BAR: the device and its BAR's number, such as <c>0000:01:00.0/0</c>; null for other memory.</summary>
    public string? Bar { get; init; }

    /// <summary>True when memory lies behind it.</summary>
    internal bool HasMemory => Kind is SectionKind.Ram or SectionKind.RamDevice;

    /// <summary>True when it shows the bytes right after those of a section that ends where it begins, in the same way.</summary>
    internal bool Continues(SectionScript before) =>
        HasMemory
        && before.Range.IsFollowedBy(Range)
        && Offset == before.Offset + (ulong)before.Range.Length
        && (this with { Range = before.Range, Offset = before.Offset }) == before;
}
