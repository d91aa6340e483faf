namespace Vmm.Testing.Emulation.Memory;

/// <summary>What a run of process addresses is.</summary>
/// <param name="Kind">What pinning finds.</param>
/// <param name="IsWritable">False where the process may not write; pinning for writing fails.</param>
/// <param name="Block">The mapping behind it; null where it was only declared.</param>
internal sealed record AddressRegion(AddressKind Kind, bool IsWritable, MappedBlock? Block);
