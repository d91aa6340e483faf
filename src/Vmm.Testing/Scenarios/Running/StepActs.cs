using Vmm.Actors.Client;
using Vmm.Iommu.Results;
using Vmm.Testing.Decorators;

namespace Vmm.Testing.Scenarios.Running;

/// <summary>Carries out steps.</summary>
internal sealed class StepActs(ScenarioWorld world)
{
    private readonly GuestActs _guests = new(world.Stepped.Order);

    /// <summary>Starts a step; the task ends with what came of it, and faults only for steps that cannot be carried out as written.</summary>
    internal async Task<StepObservation> ActAsync(ScenarioStep step)
    {
        try
        {
            return await StartAsync(step);
        }
        catch (FormatException wrong)
        {
            throw new ScenarioFormatException(step.Place.Length > 0 ? step.Place : "a step", "", wrong.Message, "change the step", wrong);
        }
        catch (Exception fault) when (fault is not ScenarioFormatException)
        {
            // What an exception means is for the expectations to say.
            return new StepObservation(StepOutcome.Fault, $"{fault.GetType().Name}: {fault.Message}");
        }
    }

    private async Task<StepObservation> StartAsync(ScenarioStep step)
    {
        var space = world.Space(step);
        return step switch
        {
            ScenarioStep.Attach { KeepIf: { } keep } attach => Attached(space, await space.Client.AttachDeviceAsync(attach.Device, attach.Policy, keep.Holds)),
            ScenarioStep.Attach attach => Attached(space, await space.Client.AttachDeviceAsync(attach.Device, attach.Policy)),
            ScenarioStep.Rules rules => Changed(await space.Client.ChangeRulesAsync(rules.Change)),
            ScenarioStep.Plan plan => Planned(await space.Client.PlanAttachAsync(plan.Device, plan.Policy)),
            ScenarioStep.Detach detach => await DetachAsync(space, detach.Device),
            ScenarioStep.Prepare prepare => await PrepareAsync(space, prepare),
            ScenarioStep.Commit commit => await CommitAsync(space, commit),
            ScenarioStep.Host host => await ChangeHostAsync(host),
            ScenarioStep.Abandon abandon => await AbandonAsync(space, abandon),
            ScenarioStep.GuestMap map => await _guests.MapAsync(space, map),
            ScenarioStep.GuestUnmap unmap => await _guests.UnmapAsync(space, unmap),
            _ => AtOnce(space, step),
        };
    }

    private StepObservation AtOnce(ScenarioSpace space, ScenarioStep step)
    {
        switch (step)
        {
            case ScenarioStep.DmaWrite write:
                return Wrote(space, write);
            case ScenarioStep.DmaRead read:
                return Read(space, read);
            case ScenarioStep.GuestWrite write:
                world.GuestWrite(space.View, write.Address, write.Bytes.Span);
                break;
            case ScenarioStep.GuestRead read:
                return new StepObservation(StepOutcome.Done, "") { Bytes = world.GuestRead(space.View, read.Address, read.Count) };
            case ScenarioStep.Fail fail:
                world.Faults.FailAt(fail.Nth, fail.Errno, fail.AfterEffect ? FaultMoment.AfterEffect : FaultMoment.BeforeEffect, fail.Call);
                break;
            case ScenarioStep.Discard discard:
                world.Discard.Answer = discard.Errno;
                break;
            case ScenarioStep.GuestIommu viommu:
                GuestActs.IommuOf(space).Refuses = viommu.Refuses;
                break;
            case ScenarioStep.EndActor end:
                return EndActor(end);
            case ScenarioStep.Advance or ScenarioStep.Concurrently:
                throw new InvalidOperationException($"{step.GetType().Name} is carried out by the run.");
        }

        return new StepObservation(StepOutcome.Done, "");
    }

    private static StepObservation Attached(ScenarioSpace space, AttachOutcome outcome)
    {
        if (!outcome.IsAttached)
        {
            var abandoned = outcome.Refusal.Reason == Actors.RefusalReason.Abandoned;
            return new StepObservation(abandoned ? StepOutcome.Abandoned : StepOutcome.Refused, outcome.Refusal.Words) { Refusal = outcome.Refusal };
        }

        space.Bindings[outcome.Binding.Device] = outcome.Binding;
        var left = outcome.Skipped.Count == 0 ? "" : $", {outcome.Skipped.Count} sections left out";
        return new StepObservation(StepOutcome.Attached, $"container {outcome.Binding.Container}{left}")
        {
            Container = outcome.Binding.Container,
            Windows = outcome.Binding.Windows,
            Skipped = outcome.Skipped,
        };
    }

    private static StepObservation Changed(RulesOutcome outcome) => outcome.IsChanged
        ? new StepObservation(StepOutcome.Done, $"{outcome.Rules.Holes.Count} holes, told {outcome.Rules.ToldWindows?.ToString() ?? "nothing"}{(outcome.Rules.FreezeWindows ? ", frozen" : "")}")
        : new StepObservation(StepOutcome.Refused, outcome.Refusal.Words) { Refusal = outcome.Refusal };

    private static StepObservation Planned(PlanOutcome outcome) =>
        !outcome.HasPlan ? new StepObservation(StepOutcome.Refused, outcome.Refusal.Words) { Refusal = outcome.Refusal }
        : outcome.Plan is Iommu.Planning.AttachPlan.Refuse refuse
            ? new StepObservation(StepOutcome.Refused, refuse.Reason)
            {
                Refusal = new Actors.Refusal(Actors.RefusalReason.Conflict, refuse.Reason, refuse.Errno, refuse.Conflicts),
            }
            : new StepObservation(StepOutcome.Planned, PlanText.Of(outcome.Plan));

    private static async Task<StepObservation> DetachAsync(ScenarioSpace space, string device)
    {
        if (!space.Bindings.TryGetValue(device, out var binding))
        {
            return new StepObservation(StepOutcome.Refused, $"{device} is not attached here");
        }

        var outcome = await binding.DetachAsync();
        if (!outcome.IsDetached)
        {
            return new StepObservation(StepOutcome.Pending, outcome.Pending ?? "");
        }

        // An attach of the same device may have ended first.
        if (space.Bindings.GetValueOrDefault(device) == binding)
        {
            space.Bindings.Remove(device);
        }

        space.View = space.View.WithoutBarsOf(device);
        return new StepObservation(StepOutcome.Detached, outcome.GroupReleased ? "its group is released" : "its group stays");
    }

    private async Task<StepObservation> PrepareAsync(ScenarioSpace space, ScenarioStep.Prepare step)
    {
        var view = space.View.With(step.Edits);
        var outcome = await space.Client.PrepareViewAsync(world.ViewOf(view));
        if (!outcome.IsPrepared)
        {
            return new StepObservation(StepOutcome.Refused, outcome.Refusal.Words) { Refusal = outcome.Refusal };
        }

        space.Prepared = view;
        return new StepObservation(StepOutcome.Prepared, "");
    }

    private async Task<StepObservation> CommitAsync(ScenarioSpace space, ScenarioStep.Commit step)
    {
        var view = step.Edits is { } edits ? space.View.With(edits) : space.Prepared;
        if (view is null)
        {
            return new StepObservation(StepOutcome.Refused, "nothing is prepared");
        }

        var report = await world.CommitAsync(space, world.ViewOf(view));
        (space.View, space.Prepared) = (view, null);
        var holes = report.Holes.Count == 0 ? "" : $", {report.Holes.Count} holes: {string.Join("; ", report.Holes)}";
        return new StepObservation(StepOutcome.Committed, $"{report.Mapped} mapped, {report.Unmapped} unmapped, {report.Churn} bytes of churn{holes}")
        {
            View = report,
            Skipped = report.Skipped,
        };
    }

    private async Task<StepObservation> ChangeHostAsync(ScenarioStep.Host step)
    {
        List<(string Words, Errno Errno)> said;
        try
        {
            said = [.. step.Changes.Select(change => world.Machine.Change(change))];
        }
        catch (ScenarioFormatException wrong) when (step.Place.Length > 0)
        {
            throw new ScenarioFormatException(step.Place, wrong);
        }

        await world.Vmm.RescanHostAsync();
        var words = string.Join("; ", said.Select(answer => answer.Words));
        return said.FirstOrDefault(answer => !answer.Errno.IsNone) is { Words: not null } refused
            ? new StepObservation(StepOutcome.Refused, words) { Refusal = new Actors.Refusal(Actors.RefusalReason.Kernel, words, refused.Errno) }
            : new StepObservation(StepOutcome.Done, words);
    }

    private async Task<StepObservation> AbandonAsync(ScenarioSpace space, ScenarioStep.Abandon step)
    {
        using var cancel = new CancellationTokenSource();
        var attach = space.Client.AttachDeviceAsync(step.Device, null, cancel.Token);
        AbandonAfter(step.After, attach, cancel);
        try
        {
            return Attached(space, await attach);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            return new StepObservation(StepOutcome.Abandoned, $"taken back after {step.After} turns");
        }
    }

    /// <summary>Waits by taking turns of the same order, so that what is under way goes on meanwhile.</summary>
    private void AbandonAfter(int turns, Task attach, CancellationTokenSource cancel)
    {
        if (attach.IsCompleted)
        {
            return;
        }

        if (turns > 0)
        {
            world.Stepped.Order.Add(() => "the wait before an attach is taken back", () => AbandonAfter(turns - 1, attach, cancel));
            return;
        }

        cancel.Cancel();
    }

    private StepObservation Read(ScenarioSpace space, ScenarioStep.DmaRead step)
    {
        using var sight = new GuestSight(world, space);
        var bytes = new byte[step.Count];
        var answer = world.Machine.DmaRead(world.TargetOf(space, step.Device, step.Iova, sight), bytes);
        return new StepObservation(answer.Outcome, answer.Words) { Bytes = bytes };
    }

    private StepObservation Wrote(ScenarioSpace space, ScenarioStep.DmaWrite step)
    {
        using var sight = new GuestSight(world, space);
        var answer = world.Machine.DmaWrite(world.TargetOf(space, step.Device, step.Iova, sight), step.Bytes.Span);
        return new StepObservation(answer.Outcome, answer.Words) { Bytes = answer.Outcome == StepOutcome.Done ? Seen(space, step) : null };
    }

    /// <summary>What the guest sees where a device wrote; null where the guest has no memory for all of it, prepared or not.</summary>
    private ReadOnlyMemory<byte>? Seen(ScenarioSpace space, ScenarioStep.DmaWrite step)
    {
        var end = (UInt128)step.Iova + (ulong)step.Bytes.Length;
        for (UInt128 address = step.Iova; address < end;)
        {
            if (address > ulong.MaxValue || space.View.At((ulong)address) is not { HasMemory: true } section)
            {
                return null;
            }

            address = (UInt128)section.Range.Last.Value + 1;
        }

        return world.GuestRead(space.View, step.Iova, step.Bytes.Length);
    }

    private StepObservation EndActor(ScenarioStep.EndActor step)
    {
        try
        {
            switch (step.How)
            {
                case ActorEnd.Stop:
                    world.Stepped.StopActor(step.Actor);
                    break;
                case ActorEnd.Kill:
                    world.Stepped.PoisonActor(step.Actor);
                    break;
                default:
                    world.Stepped.FaultActor(step.Actor, step.Nth);
                    break;
            }

            return new StepObservation(StepOutcome.Done, "");
        }
        catch (ArgumentException unknown)
        {
            return new StepObservation(StepOutcome.Refused, unknown.Message);
        }
    }
}
