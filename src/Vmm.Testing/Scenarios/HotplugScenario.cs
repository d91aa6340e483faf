using Vmm.Actors;
using Vmm.Iommu.Planning;
using Vmm.Testing.Recordings;
using Vmm.Testing.Scenarios.Running;
using Vmm.Testing.Scenarios.Yaml;

namespace Vmm.Testing.Scenarios;

/// <summary>
/// A story of devices and memory that come and go: a host, address spaces, and steps with what is expected of each. Plain
/// data; written in C#, or read from a YAML file (<c>docs/scenarios.md</c>). Runs on the emulated kernel, in seeded order and
/// virtual time, with any test framework or none.
/// </summary>
/// <param name="Name">Its name.</param>
public sealed record HotplugScenario(string Name)
{
    /// <summary>What it shows, in a line; may be empty.</summary>
    public string About { get; init; } = "";

    /// <summary>Numbers of the requirements that it checks, such as <c>R0.4</c>.</summary>
    public IReadOnlyList<string> Requirements { get; init; } = [];

    /// <summary>The order it runs in unless another is asked for.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>What the kernel is asked for: what keeps memory in place, or exactly what QEMU asks.</summary>
    public MappingPlanMode Mode { get; init; }

    /// <summary>By which path of the kernel devices are opened.</summary>
    public BackendChoice Backend { get; init; }

    /// <summary>The machine.</summary>
    public HostScript Host { get; init; } = new();

    /// <summary>The guest's address spaces; at least one. A step that names none is about the first.</summary>
    public IReadOnlyList<SpaceScript> Spaces { get; init; } = [];

    /// <summary>What happens, in order.</summary>
    public IReadOnlyList<ScenarioStep> Steps { get; init; } = [];

    /// <summary>What is left when everything has been released.</summary>
    public EndExpectation End { get; init; } = new();

    /// <summary>Reads a scenario.</summary>
    /// <param name="file">A YAML file; paths in it are relative to it.</param>
    /// <exception cref="ScenarioFormatException">It cannot be read; one line says where, what is wrong and what is right.</exception>
    public static HotplugScenario Load(string file) => ScenarioReader.Read(file);

    /// <summary>Runs it to the end, or to the first step whose expectation fails, and releases everything.</summary>
    /// <param name="seed">The order; null for the scenario's own.</param>
    /// <param name="observer">Told of each step as it ends, for those who want to see it happen.</param>
    /// <param name="recording">
    /// Takes every call that the emulated kernel answers, for a replay; an empty one that stays the caller's. Faults of the scenario's own
    /// steps stand in front of it: a call that they keep from the kernel is not in it.
    /// </param>
    /// <exception cref="ScenarioFormatException">The host, a memory map or a step cannot be carried out as written.</exception>
    public ScenarioResult Run(int? seed = null, Action<StepResult>? observer = null, RecordingFile? recording = null) =>
        ScenarioRun.Run(this, seed ?? Seed, observer, recording);

    /// <summary>
    /// Runs it on a real machine as <see cref="Run"/> does on the emulated one: the same order and time, with the machine's own devices
    /// and kernel. Where they cannot stand for the scenario's, the result says why it was skipped.
    /// </summary>
    /// <param name="machine">The machine.</param>
    /// <param name="seed">The order; null for the scenario's own.</param>
    /// <param name="observer">Told of each step as it ends.</param>
    /// <param name="recording">Takes the calls as for <see cref="Run"/>, from the moment when drivers are as the scenario begins; stays empty when it is skipped.</param>
    /// <exception cref="ScenarioFormatException">The host, a memory map or a step cannot be carried out as written.</exception>
    public ScenarioResult RunOn(RealMachine machine, int? seed = null, Action<StepResult>? observer = null, RecordingFile? recording = null) =>
        ScenarioRun.RunOn(machine, this, seed ?? Seed, observer, recording);
}
