namespace Vmm.Testing.Scenarios.Machines;

/// <summary>What is left on a machine after the release.</summary>
/// <param name="Descriptors">Descriptors of the kernel.</param>
/// <param name="Mappings">DMA mappings; null where the kernel does not say.</param>
/// <param name="IsEmpty">True when nothing at all is left.</param>
/// <param name="Words"><c>nothing</c>, or what.</param>
internal sealed record MachineRemains(int Descriptors, int? Mappings, bool IsEmpty, string Words);
