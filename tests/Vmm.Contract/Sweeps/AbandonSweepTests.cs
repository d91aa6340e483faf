using Vmm.Actors;

namespace Vmm.Contract.Sweeps;

/// <summary>Every command is taken back after every number of turns, in several orders: then all is as before it, or as after it.</summary>
[Trait("Kernel", "emulated")]
public class AbandonSweepTests
{
    private static readonly IReadOnlyDictionary<string, Command> Commands = new Command[]
    {
        new("attach into a new container", _ => { }, Attach(SweepWorld.First), CanBeTakenBack: true),
        new("attach into a container that is there", world => world.Attached(SweepWorld.First), Attach(SweepWorld.Second), CanBeTakenBack: true),
        new("attach a second device of a group", world => world.Attached(SweepWorld.First, SweepWorld.Second), Attach(SweepWorld.Sibling), CanBeTakenBack: true),
        new("attach with fallback to a second container", OneWithBar, Attach(SweepWorld.Apart), CanBeTakenBack: true),
        new("prepare in every container", world => world.AttachedEverywhere(), Prepare, CanBeTakenBack: true),
        new("commit in every container", world => world.AttachedEverywhere(), (world, token) => world.Rig.Space.CommitViewAsync(world.Changed, token), CanBeTakenBack: false),
        new("detach one of two", world => world.Attached(SweepWorld.First, SweepWorld.Second), Detach(SweepWorld.Second), CanBeTakenBack: false),
        new("detach the last", OneWithBar, Detach(SweepWorld.First), CanBeTakenBack: false),
    }.ToDictionary(command => command.Name, StringComparer.Ordinal);

    public static TheoryData<string, BackendChoice, int> Cases()
    {
        var cases = new TheoryData<string, BackendChoice, int>();
        foreach (var name in Commands.Keys)
        {
            foreach (var seed in Enumerable.Range(1, 4))
            {
                cases.Add(name, BackendChoice.Type1, seed);
                cases.Add(name, BackendChoice.Iommufd, seed);
            }
        }

        return cases;
    }

    [Theory]
    [Trait("Requirement", "R0.8")]
    [Trait("Requirement", "R2.3")]
    [MemberData(nameof(Cases))]
    public void Taken_back_after_any_number_of_turns_all_is_as_before_or_as_after(string name, BackendChoice backend, int seed)
    {
        var command = Commands[name];
        var done = command.Try(backend, seed, turns: int.MaxValue, done: null, out _);
        var (takenBack, turns) = (0, 0);
        for (var isEarly = true; isEarly; turns++)
        {
            takenBack += command.Try(backend, seed, turns, done, out isEarly) == done ? 0 : 1;
        }

        Assert.True(turns > 5, $"{name} took {turns} turns");
        Assert.Equal(command.CanBeTakenBack, takenBack > 0);
    }

    private static Func<SweepWorld, CancellationToken, Task> Attach(string device) => async (world, token) =>
    {
        var outcome = await world.Rig.Space.AttachDeviceAsync(world.Name(device), SweepWorld.Policy, token);
        Assert.True(outcome.IsAttached, outcome.Refusal?.Words);
        world.Bindings.Add(outcome.Binding);
    };

    private static Func<SweepWorld, CancellationToken, Task> Detach(string device) => async (world, token) =>
    {
        var binding = world.Bindings.Single(candidate => candidate.Device == world.Name(device));
        var outcome = await binding.DetachAsync(token);
        Assert.True(outcome.IsDetached, outcome.Pending);
        world.Bindings.Remove(binding);
    };

    private static async Task Prepare(SweepWorld world, CancellationToken token)
    {
        var outcome = await world.Rig.Space.PrepareViewAsync(world.WithDimm, token);
        Assert.True(outcome.IsPrepared, outcome.Refusal?.Words);
    }

    private static void OneWithBar(SweepWorld world)
    {
        world.Attached(SweepWorld.First);
        Assert.True(world.ShowBar(SweepWorld.First).IsDone);
    }

    private sealed record Command(string Name, Action<SweepWorld> SetUp, Func<SweepWorld, CancellationToken, Task> Run, bool CanBeTakenBack)
    {
        /// <summary>Takes the command back after so many turns.</summary>
        /// <param name="backend">The path of the kernel.</param>
        /// <param name="seed">The order.</param>
        /// <param name="turns">Turns.</param>
        /// <param name="done">How it looks when it is not taken back; null in the run that finds out.</param>
        /// <param name="wasEarly">True when it was under way still.</param>
        /// <returns>How it looks then: <paramref name="done"/> itself where the two agree.</returns>
        public Picture Try(BackendChoice backend, int seed, int turns, Picture? done, out bool wasEarly)
        {
            using var world = new SweepWorld(new EmulatedSweepHost(), backend, seed);
            SetUp(world);
            var before = Picture.Of(world);
            using var caller = new CancellationTokenSource();
            var run = world.Rig.Steps.Start(() => Run(world, caller.Token));
            world.Rig.Steps.Run(turns);
            wasEarly = !run.IsCompleted;
            caller.Cancel();
            world.Rig.Steps.Settle(() => run.IsCompleted, Name);
            world.Rig.Steps.RunToQuiet();
            Assert.False(run.IsFaulted, $"{Name} after {turns} turns: {run.Exception?.InnerException?.Message}");
            var after = Picture.Of(world);
            if (done is not null)
            {
                var differences = (run.IsCanceled ? before : done).DifferencesTo(after);
                Assert.True(
                    differences.Count == 0 && after.Degraded.Count == 0,
                    $"{Name}, seed {seed}, {(run.IsCanceled ? "taken back" : "done")} after {turns} turns: {string.Join("; ", differences.Concat(after.Degraded))}");
            }

            Assert.Null(world.Release());
            return run.IsCanceled || done is null ? after : done;
        }
    }
}
