namespace Vmm.Testing.Scenarios.Machines;

/// <summary>A scenario ready to run on a real machine, or why it cannot.</summary>
/// <param name="Scenario">The scenario in the machine's names; null when it cannot run.</param>
/// <param name="Machine">The machine, with drivers as the scenario wants them; null when it cannot run.</param>
/// <param name="Skipped">Why it cannot run; null when it can.</param>
internal sealed record RealStage(HotplugScenario? Scenario, LinuxMachine? Machine, string? Skipped)
{
    /// <summary>What stands for what: <c>0000:01:00.0 is 0000:00:05.0</c>.</summary>
    internal IReadOnlyList<string> Assigned { get; init; } = [];

    internal static RealStage None(string why) => new(null, null, why);
}
