namespace Vmm.Testing.Scenarios.Machines;

/// <summary>What a kernel holds for the VMM; null where it does not say.</summary>
/// <param name="Mappings">DMA mappings.</param>
/// <param name="Groups">Groups in legacy containers; null as well by iommufd, which takes devices and counts no groups.</param>
/// <param name="Devices">Open devices.</param>
internal sealed record KernelHoldings(int? Mappings, int? Groups, int? Devices);
