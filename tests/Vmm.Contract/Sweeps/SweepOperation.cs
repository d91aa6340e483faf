using Vmm.Actors;
using Vmm.Iommu.Planning;
using Vmm.Testing.Decorators;

namespace Vmm.Contract.Sweeps;

/// <summary>An operation of which every kernel call is made to fail.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="SetUp">What comes before, without faults.</param>
/// <param name="Act">The operation.</param>
/// <param name="CanRetry">False where the thing that it works on is gone after it, whatever became of it.</param>
/// <param name="MayFallBack">True where a container that does not take the group may be answered with a second one.</param>
/// <param name="NeedsApart">True where it is about a device that needs a container of its own.</param>
internal sealed record SweepOperation(
    string Name, Action<SweepWorld> SetUp, Func<SweepWorld, SweepWorld.Outcome> Act, bool CanRetry = true, bool MayFallBack = false, bool NeedsApart = false)
{
    public static IReadOnlyDictionary<string, SweepOperation> All { get; } = new SweepOperation[]
    {
        new("attach into a new container", _ => { }, world => world.Attach(SweepWorld.First)),
        new("attach into a container that is there", world => world.Attached(SweepWorld.First), world => world.Attach(SweepWorld.Second), MayFallBack: true),
        new("attach a second device of a group", world => world.Attached(SweepWorld.First, SweepWorld.Second), world => world.Attach(SweepWorld.Sibling)),
        new("attach with fallback to a second container", world => OneWithBar(world), world => world.Attach(SweepWorld.Apart), NeedsApart: true),
        new("show a BAR", world => world.Attached(SweepWorld.First, SweepWorld.Second), world => world.ShowBar(SweepWorld.First)),
        new("detach one of two", TwoWithBar, world => world.Detach(SweepWorld.First)),
        new("detach one of two, after which the windows are wider", TwoWithBar, world => world.Detach(SweepWorld.Second)),
        new("detach one of two devices of a group", world => world.Attached(SweepWorld.Second, SweepWorld.Sibling), world => world.Detach(SweepWorld.Second)),
        new("detach the last", OneWithBar, world => world.Detach(SweepWorld.First)),
        new("detach from the second container", world => world.AttachedEverywhere(), world => world.Detach(SweepWorld.Apart), NeedsApart: true),
        new("prepare in every container", world => world.AttachedEverywhere(), world => world.Prepare(world.WithDimm)),
        new("commit what was prepared in every container", Prepared, world => world.Commit(world.WithDimm)),
        new("prepare and commit a module in every container", world => world.AttachedEverywhere(), Hotplug),
        new("commit removals and additions in every container", world => world.AttachedEverywhere(), world => world.Commit(world.Changed)),
        new("close a space", world => world.AttachedEverywhere(), world => world.Close(), CanRetry: false),
        new("plan", OneWithBar, world => world.Plan(world.Other)),
    }.ToDictionary(operation => operation.Name, StringComparer.Ordinal);

    /// <summary>One trial in mode qemu, which believes every refusal: what is not released at the end.</summary>
    /// <param name="trial">The call that fails.</param>
    /// <param name="host">The machine; ends with the trial.</param>
    /// <param name="backend">The path of the kernel.</param>
    public IEnumerable<string> TryAsQemu(FailTrial trial, ISweepHost host, BackendChoice backend)
    {
        using var world = new SweepWorld(host, backend, mode: MappingPlanMode.Qemu);
        SetUp(world);
        trial.Arm(world.Faults);
        Act(world);
        trial.Disarm();
        if (world.Release() is { } left)
        {
            yield return $"at the end: {left}";
        }
    }

    /// <summary>One trial: what is wrong after it.</summary>
    /// <param name="trial">The call that fails.</param>
    /// <param name="host">The machine; ends with the trial.</param>
    /// <param name="backend">The path of the kernel.</param>
    /// <param name="done">How it looks when no call fails; made by the trial in which none does.</param>
    public IEnumerable<string> Try(FailTrial trial, ISweepHost host, BackendChoice backend, ref Picture? done)
    {
        using var world = new SweepWorld(host, backend);
        SetUp(world);
        var before = Picture.Of(world);
        trial.Arm(world.Faults);
        var outcome = Act(world);
        trial.Disarm();
        var after = Picture.Of(world);
        done ??= after;
        var wrong = Judge(before, done, after, outcome).ToList();
        if (wrong.Count == 0 && CanRetry && !IsBarOfIommufd(backend) && after.Degraded.Count == 0 && (!outcome.IsDone || outcome.Left.Length > 0))
        {
            wrong.AddRange(Retry(world, done));
        }

        if (world.Release() is { } left)
        {
            wrong.Add($"at the end: {left}");
        }

        return wrong;
    }

    /// <summary>A BAR that has no dma-buf when it is mapped gets none later: it stays as it is, for the guest's own use.</summary>
    private bool IsBarOfIommufd(BackendChoice backend) => backend == BackendChoice.Iommufd && Name == "show a BAR";

    private IEnumerable<string> Judge(Picture before, Picture done, Picture after, SweepWorld.Outcome outcome)
    {
        var (undone, whole) = (before.DifferencesTo(after), done.DifferencesTo(after));
        var differences = !outcome.IsDone ? undone : MayFallBack && after.Missing.Count == 0 ? [] : whole;
        var says = outcome.Left.Length > 0 || after.Degraded.Count > 0;
        if (!outcome.IsDone && outcome.Words.Length == 0)
        {
            yield return "refused without a word";
        }

        if (differences.Count > 0 && !says)
        {
            yield return $"{(outcome.IsDone ? "done" : "refused")} ({outcome.Words}), but {string.Join("; ", differences)}";
        }
        else if (differences.Count == 0 && outcome.Left.Length > 0)
        {
            yield return $"says that something is left, and nothing is: {outcome.Left}";
        }
        else if (!outcome.IsDone && whole.Count == 0 && undone.Count > 0)
        {
            yield return $"says that it is not done ({outcome.Words}), and it is";
        }
    }

    private IEnumerable<string> Retry(SweepWorld world, Picture done)
    {
        var again = Act(world);
        var differences = done.DifferencesTo(Picture.Of(world));
        if (!again.IsDone || again.Left.Length > 0)
        {
            yield return $"the second try: {again.Words}";
        }
        else if (differences.Count > 0)
        {
            yield return $"after the second try: {string.Join("; ", differences)}";
        }
    }

    private static void OneWithBar(SweepWorld world)
    {
        world.Attached(SweepWorld.First);
        Assert.True(world.ShowBar(SweepWorld.First).IsDone);
    }

    private static void TwoWithBar(SweepWorld world)
    {
        world.Attached(SweepWorld.First, SweepWorld.Second);
        Assert.True(world.ShowBar(SweepWorld.First).IsDone);
    }

    private static void Prepared(SweepWorld world)
    {
        world.AttachedEverywhere();
        Assert.True(world.Prepare(world.WithDimm).IsDone);
    }

    private static SweepWorld.Outcome Hotplug(SweepWorld world)
    {
        var prepared = world.Prepare(world.WithDimm);
        return prepared.IsDone ? world.Commit(world.WithDimm) : prepared;
    }
}
