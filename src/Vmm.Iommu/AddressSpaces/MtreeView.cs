namespace Vmm.Iommu.AddressSpaces;

/// <summary>A FlatView of <c>info mtree -f</c>, and the address spaces that share it.</summary>
/// <param name="Number">The number that it is printed with.</param>
/// <param name="AddressSpaces">Names of its address spaces, in the order printed; a name may be there twice.</param>
/// <param name="Root">Name of its root region; null when there is none.</param>
/// <param name="Sections">Its ranges, ascending; empty when nothing is rendered.</param>
public sealed record MtreeView(int Number, IReadOnlyList<string> AddressSpaces, string? Root, IReadOnlyList<MtreeSection> Sections);
