namespace Vmm.Testing.Scenarios.Machines;

/// <summary>What of a machine stands for what of a scenario's host.</summary>
/// <param name="Devices">Devices of the machine by devices of the scenario.</param>
/// <param name="Groups">Groups of the machine by groups of the scenario.</param>
/// <param name="Drivers">What the machine's devices are bound to when the scenario begins; null for no driver.</param>
internal sealed record RealPlace(
    IReadOnlyDictionary<string, string> Devices,
    IReadOnlyDictionary<int, int> Groups,
    IReadOnlyDictionary<string, string?> Drivers);
