using Vmm.Testing.Scenarios;

namespace Vmm.Cli.Scenarios;

/// <summary>Tells what happens while scenarios run.</summary>
internal interface IScenarioReport
{
    void Begin(HotplugScenario scenario, string file, int seed);

    void Step(StepResult step);

    void End(ScenarioResult result);

    /// <summary>All seeds of a file have run.</summary>
    void Done(string file);

    /// <summary>All files have run.</summary>
    void All(ScenarioTally tally);
}
