using Vmm.Iommu.GuestMemory;

namespace Vmm.Actors.AddressSpaces;

/// <summary>The population of a view's RAM has ended, as a message to the space.</summary>
/// <param name="Id">The operation that waits for it.</param>
/// <param name="Outcome">How it ended.</param>
internal sealed record RamPopulated(Guid Id, PopulationOutcome Outcome);
