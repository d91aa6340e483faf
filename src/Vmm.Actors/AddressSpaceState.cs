namespace Vmm.Actors;

/// <summary>One address space.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Generation">Number of its view.</param>
/// <param name="Containers">Its containers, oldest first.</param>
/// <param name="Degraded">What could not be released after a fault, in words; null when all is well.</param>
public sealed record AddressSpaceState(string Name, long Generation, IReadOnlyList<ContainerReport> Containers, string? Degraded);
