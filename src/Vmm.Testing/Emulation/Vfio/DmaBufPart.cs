namespace Vmm.Testing.Emulation.Vfio;

/// <summary>A part of a BAR.</summary>
/// <param name="Offset">First byte; a multiple of the page.</param>
/// <param name="Length">Bytes; a multiple of the page.</param>
internal readonly record struct DmaBufPart(ulong Offset, ulong Length);
