using Vmm.Iommu.Addressing;

namespace Vmm.Testing.Scenarios;

/// <summary>A change of a space's view. Edits of one step are applied in order and make one new view.</summary>
public abstract record ViewEdit
{
    private ViewEdit()
    {
    }

    /// <summary>A whole new view.</summary>
    /// <param name="Memory">The view.</param>
    public sealed record Set(MemoryScript Memory) : ViewEdit;

    /// <summary>Sections come; they collide with none.</summary>
    /// <param name="Sections">The sections.</param>
    public sealed record Add(IReadOnlyList<SectionScript> Sections) : ViewEdit;

    /// <summary>Whatever lies in a range goes; sections that cross its ends are cut.</summary>
    /// <param name="Range">The range.</param>
    public sealed record Remove(IovaRange Range) : ViewEdit;

    /// <summary>
    /// Guest RAM shows in a range instead of what did, or changes between writable and read-only there, as firmware does
    /// when it copies itself and locks the copy.
    /// </summary>
    /// <param name="Range">The range.</param>
    /// <param name="ReadOnly">True when devices may not write to it.</param>
    /// <param name="Name">The RAM; null for that of the section at address 0.</param>
    /// <param name="Offset">Offset in it of the first byte; null for the address itself.</param>
    public sealed record Shadow(IovaRange Range, bool ReadOnly, string? Name = null, ulong? Offset = null) : ViewEdit;
}
