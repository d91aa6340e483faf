using Vmm.Actors;
using Vmm.Iommu.Topology;
using Vmm.Testing.Recordings;
using Vmm.Testing.Scenarios.Machines;
using Vmm.Testing.Stepping;

namespace Vmm.Testing.Scenarios.Running;

/// <summary>Runs a scenario once, in one order.</summary>
internal sealed class ScenarioRun
{
    private readonly ScenarioWorld _world;
    private readonly StepActs _acts;
    private readonly HotplugScenario _scenario;
    private int _callsSeen;
    private int _eventsSeen;
    private int _linesSeen;

    private ScenarioRun(HotplugScenario scenario, ScenarioWorld world)
    {
        _scenario = scenario;
        _world = world;
        _acts = new StepActs(world);
    }

    /// <summary>On the machine that the scenario describes.</summary>
    internal static ScenarioResult Run(HotplugScenario scenario, int seed, Action<StepResult>? observer, RecordingFile? recording)
    {
        MustHaveAll(scenario);
        return Run(scenario, seed, observer, () => new EmulatedMachine(scenario.Host, recording));
    }

    /// <summary>On a real machine, or not at all.</summary>
    internal static ScenarioResult RunOn(RealMachine real, HotplugScenario scenario, int seed, Action<StepResult>? observer, RecordingFile? recording)
    {
        ArgumentNullException.ThrowIfNull(real);
        MustHaveAll(scenario);
        var stage = real.Prepare(scenario, recording);
        return stage is { Scenario: { } translated, Machine: { } machine }
            ? Run(translated, seed, observer, () => machine) with { Assigned = stage.Assigned }
            : new ScenarioResult(scenario.Name, seed, [], new EndResult("nothing", [])) { Skipped = stage.Skipped };
    }

    private static void MustHaveAll(HotplugScenario scenario)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        if (scenario.Spaces.Count == 0)
        {
            throw new ScenarioFormatException(scenario.Name, "spaces", "there is none", "a scenario has at least one address space");
        }

        if (scenario.Steps.Count == 0)
        {
            throw new ScenarioFormatException(scenario.Name, "steps", "there is none", "a scenario in which nothing happens shows nothing");
        }
    }

    private static ScenarioResult Run(HotplugScenario scenario, int seed, Action<StepResult>? observer, Func<IScenarioMachine> start)
    {
        try
        {
            // Whatever an emulated kernel still holds, and what was changed of a real machine, goes with the machine.
            using var machine = start();
            using var world = new ScenarioWorld(scenario, seed, machine);
            return new ScenarioRun(scenario, world).Run(seed, observer);
        }
        catch (FormatException wrong)
        {
            throw new ScenarioFormatException(scenario.Name, "", wrong.Message, "correct the memory map or the view", wrong);
        }
    }

    private ScenarioResult Run(int seed, Action<StepResult>? observer)
    {
        var steps = new List<StepResult>();
        EndResult end;
        try
        {
            _world.Begin(_scenario);
            _callsSeen = _world.Recording.Calls.Count;
            _linesSeen = _world.Log.Count;
            _eventsSeen = _world.Events.Count;
            for (var number = 1; number <= _scenario.Steps.Count && steps.All(step => step.Passed); number++)
            {
                var result = Take(number, _scenario.Steps[number - 1]);
                steps.Add(result);
                observer?.Invoke(result);
            }
        }
        finally
        {
            // Also after a step that could not be judged: a real machine's devices would stay open.
            end = End();
        }

        return new ScenarioResult(_scenario.Name, seed, steps, end);
    }

    private StepResult Take(int number, ScenarioStep step)
    {
        var parts = new List<StepResult>();
        var happened = step switch
        {
            ScenarioStep.Advance advance => Advance(advance.By),
            ScenarioStep.Concurrently together => Together(number, together, parts),
            _ => Settle(step, () => _acts.ActAsync(step)),
        };
        var (spaces, topology) = Look();
        var unaccounted = Accounts.Unmet(_world, spaces).ToList();
        if (unaccounted.Count > 0)
        {
            // An actor that failed while it answered is replaced since, and the books are put right by that.
            (spaces, topology) = Look();
            unaccounted = [.. Accounts.Unmet(_world, spaces)];
        }

        var result = new StepResult($"{number}", step, _world.Stepped.Time.Now, StepText.Of(step), happened)
        {
            Calls = CallsSince(),
            Events = EventsSince(),
            Log = LogSince(),
            Parts = parts,
            Spaces = spaces,
            Topology = topology,
        };
        parts = [.. parts.Select(part => Judged(part with { Spaces = spaces, Topology = topology, At = result.At }))];
        var judged = Judged(result with { Parts = parts });
        return judged with { Mismatches = [.. judged.Mismatches, .. unaccounted] };
    }

    private StepResult Judged(StepResult result) =>
        result with { Mismatches = Expectations.Unmet(result, _world.Space(result.Step)) };

    private StepObservation Advance(TimeSpan by)
    {
        _world.Stepped.Advance(by);
        return new StepObservation(StepOutcome.Done, $"it is {_world.Stepped.Time.Now}");
    }

    private StepObservation Together(int number, ScenarioStep.Concurrently step, List<StepResult> parts)
    {
        var started = step.Steps.Select(part => _world.Stepped.Start(() => _acts.ActAsync(part))).ToList();
        var all = Settle(step, async () =>
        {
            await Task.WhenAll(started);
            return new StepObservation(StepOutcome.Done, "");
        });
        for (var at = 0; at < started.Count; at++)
        {
            var happened = started[at].IsCompletedSuccessfully ? started[at].GetAwaiter().GetResult() : all;
            parts.Add(new StepResult($"{number}.{at + 1}", step.Steps[at], default, StepText.Of(step.Steps[at]), happened));
        }

        return all;
    }

    /// <summary>A stall is an outcome like another: the run goes on to the release, which then counts what is left.</summary>
    private StepObservation Settle(ScenarioStep step, Func<Task<StepObservation>> start)
    {
        try
        {
            var happened = _world.Stepped.Settle(start, StepText.Of(step));
            _world.Stepped.RunToQuiet();
            return happened;
        }
        catch (StalledException stalled)
        {
            return new StepObservation(StepOutcome.Stalled, stalled.Message);
        }
    }

    private (IReadOnlyList<AddressSpaceState> Spaces, HostTopology? Topology) Look()
    {
        try
        {
            var state = _world.Stepped.Settle(() => _world.Vmm.GetStateAsync(), "the state of everything");
            var topology = _world.Stepped.Settle(() => _world.Vmm.GetTopologyAsync(), "the host's topology");
            _world.Stepped.RunToQuiet();
            return (state.Spaces, topology);
        }
        catch (Exception gone) when (gone is not ScenarioFormatException)
        {
            // An actor that ended cannot be asked; what is expected of the state then fails, and says so.
            return ([], null);
        }
    }

    private List<string> CallsSince()
    {
        var calls = _world.Recording.Calls;
        var news = calls.Skip(_callsSeen).Where(CallText.IsShown).Select(CallText.Of).ToList();
        _callsSeen = calls.Count;
        return news;
    }

    private List<string> EventsSince()
    {
        var news = _world.Events.Skip(_eventsSeen).ToList();
        _eventsSeen = _world.Events.Count;
        return news;
    }

    private List<string> LogSince()
    {
        var news = _world.Log.Skip(_linesSeen).ToList();
        _linesSeen = _world.Log.Count;
        return news;
    }

    private EndResult End()
    {
        var unmet = new List<Mismatch>();
        try
        {
            _world.Release();
        }
        catch (Exception fault) when (fault is not ScenarioFormatException)
        {
            unmet.Add(new Mismatch("release", "everything is released", fault.Message));
        }

        var leases = _world.Memory.Leases;
        var leased = _world.Memory.Leased;
        _world.Memory.Retire();
        var left = _world.Machine.Remains();
        var expect = _scenario.End;
        if (expect.Check)
        {
            Count(unmet, "leases", expect.Leases, leases, leased);
            Count(unmet, "descriptors", expect.Descriptors, left.Descriptors, [left.Words]);
            Count(unmet, "mappings", expect.Mappings, left.Mappings ?? 0, [left.Words]);
            if (unmet.Count == 0 && expect.Descriptors + expect.Mappings + expect.Leases == 0 && !left.IsEmpty)
            {
                unmet.Add(new Mismatch("census", "nothing", left.Words));
            }
        }

        return new EndResult(leases == 0 ? left.Words : $"{left.Words}; {string.Join(", ", leased)}", unmet);
    }

    private static void Count(List<Mismatch> unmet, string key, int expected, int found, IReadOnlyList<string> details)
    {
        if (expected != found)
        {
            unmet.Add(new Mismatch($"expect_end.{key}", [$"{expected}"], [$"{found}", .. details]));
        }
    }
}
