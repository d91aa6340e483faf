using Vmm.Iommu.Reserved;

namespace Vmm.Testing.Scenarios.Machines;

/// <summary>What of a machine stands for what of a scenario's host.</summary>
/// <param name="Devices">Devices of the machine by devices of the scenario.</param>
/// <param name="Groups">Groups of the machine by groups of the scenario.</param>
/// <param name="Drivers">What the machine's devices are bound to when the scenario begins; null for no driver.</param>
internal sealed record RealPlace(
    IReadOnlyDictionary<string, string> Devices,
    IReadOnlyDictionary<int, int> Groups,
    IReadOnlyDictionary<string, string?> Drivers)
{
    /// <summary>IOVAs that the scenario's IOMMUs map and the machine's do not; nothing of the scenario lies there.</summary>
    internal ValidIovaRanges Lacking { get; init; } = new([]);

    /// <summary>Devices of the machine that steps plug in: they are pulled before the first.</summary>
    internal IReadOnlyList<string> Pulled { get; init; } = [];

    /// <summary>Drivers of the machine by drivers of the scenario that are the host's own: what a device has that stands for one.</summary>
    internal IReadOnlyDictionary<string, string> NativeDrivers { get; init; } = new Dictionary<string, string>();
}
