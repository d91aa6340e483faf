namespace Vmm.Testing.Scenarios;

/// <summary>A whole view: the output of <c>info mtree -f</c>, or sections.</summary>
public sealed record MemoryScript
{
    /// <summary>A file with what <c>info mtree -f</c> printed; null where <see cref="Sections"/> are given.</summary>
    public string? Map { get; init; }

    /// <summary>The address space in the file.</summary>
    public string MapSpace { get; init; } = "memory";

    /// <summary>Sections, in ascending order or not; they do not overlap.</summary>
    public IReadOnlyList<SectionScript> Sections { get; init; } = [];
}
