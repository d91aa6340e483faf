namespace Vmm.Actors;

/// <summary>Everything a VM holds.</summary>
/// <param name="Kernel">The kernel behind it.</param>
/// <param name="Spaces">Its address spaces, by name.</param>
public sealed record VmmState(string Kernel, IReadOnlyList<AddressSpaceState> Spaces);
