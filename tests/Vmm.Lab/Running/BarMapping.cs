namespace Vmm.Lab.Running;

/// <summary>A BAR that one side has in its address space.</summary>
/// <param name="Address">Where.</param>
/// <param name="Length">Bytes.</param>
internal readonly record struct BarMapping(ulong Address, ulong Length);
