using Vmm.Testing.Emulation;

namespace Vmm.Lab.Running;

/// <summary>Process addresses that a history can map, and what stands behind them.</summary>
/// <param name="Name">For people.</param>
/// <param name="Address">First address.</param>
/// <param name="Length">Bytes that are as <paramref name="Kind"/> says.</param>
/// <param name="Kind">What pinning finds.</param>
internal sealed record MemoryBlock(string Name, ulong Address, ulong Length, AddressKind Kind);
