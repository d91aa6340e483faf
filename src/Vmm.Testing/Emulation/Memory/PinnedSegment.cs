namespace Vmm.Testing.Emulation.Memory;

/// <summary>A run of pinned process addresses.</summary>
/// <param name="Address">First byte.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Block">The mapping that holds them; null where the addresses were only declared, and no memory is behind.</param>
internal readonly record struct PinnedSegment(ulong Address, ulong Length, MappedBlock? Block);
