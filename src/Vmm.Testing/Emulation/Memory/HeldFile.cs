namespace Vmm.Testing.Emulation.Memory;

/// <summary>A file that the emulated kernel holds by a descriptor of its own.</summary>
/// <param name="Descriptor">The descriptor.</param>
/// <param name="Length">Bytes of the file, rounded up to a page.</param>
internal readonly record struct HeldFile(int Descriptor, ulong Length);
