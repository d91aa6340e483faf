namespace Vmm.Contract.Sweeps;

/// <summary>What a kernel holds of this process.</summary>
/// <param name="Parts">All of it, by name.</param>
/// <param name="IsIommufd">True while an iommufd is open.</param>
/// <param name="Devices">Open devices.</param>
/// <param name="Groups">Open groups.</param>
/// <param name="Spaces">Containers and IOASes; null where the kernel does not tell.</param>
/// <param name="Mappings">Mappings of all of them; null where the kernel does not tell.</param>
internal sealed record SweepCensus(IReadOnlyDictionary<string, string> Parts, bool IsIommufd, int Devices, int Groups, int? Spaces, int? Mappings)
{
    /// <summary>What is held, in words.</summary>
    public override string ToString() => string.Join("; ", Parts.Select(part => $"{part.Key}: {part.Value}"));
}
