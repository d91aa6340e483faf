using Vmm.Actors;
using Vmm.Testing.Scenarios;

namespace Vmm.Cli.Scenarios;

/// <summary>What <c>vmm scenario</c> was asked for.</summary>
/// <param name="Files">Scenario files.</param>
/// <param name="Seeds">The orders to run in.</param>
internal sealed record ScenarioRequest(IReadOnlyList<string> Files, SeedRange Seeds)
{
    internal bool IsDrawn { get; init; }

    internal bool IsJson { get; init; }

    /// <summary>The path that devices are opened by; null for each scenario's own.</summary>
    internal BackendChoice? Backend { get; init; }

    /// <summary>The machine to run on; null for the emulated ones that scenarios describe.</summary>
    internal RealMachine? Machine { get; init; }

    /// <summary>Where the calls go; null for nowhere.</summary>
    internal string? Record { get; init; }
}
