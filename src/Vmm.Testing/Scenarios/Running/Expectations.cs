using Vmm.Actors;
using Vmm.Iommu.Addressing;

namespace Vmm.Testing.Scenarios.Running;

/// <summary>Compares what came of a step with what was expected of it.</summary>
internal static class Expectations
{
    internal static IReadOnlyList<Mismatch> Unmet(StepResult step, ScenarioSpace scene)
    {
        var unmet = new List<Mismatch>();
        var expect = step.Happened.Outcome == StepOutcome.Skipped ? step.Step.Expect with { Words = null, Bytes = null } : step.Step.Expect;
        if (step.Happened.Outcome != StepOutcome.Skipped)
        {
            Outcome(unmet, step.Step, step.Happened);
        }

        Texts(unmet, expect, step);
        var space = step.Spaces.FirstOrDefault(space => space.Name == scene.Client.Name);
        State(unmet, expect, step, space);
        Calls(unmet, expect, step);
        EachHolds(unmet, "log", expect.Log, step.Log);
        EachHolds(unmet, "problems", expect.Problems, step.Topology?.Problems.Select(problem => problem.ToString()));
        if (expect.Plan is { } plan && step.Step is ScenarioStep.Plan asked)
        {
            Plan(unmet, plan, PaperPlan.Of(asked, scene.View, space, step.Topology));
        }

        unmet.AddRange((expect.Topology ?? []).SelectMany(group => TopologyText.Unmet(step.Topology, group)));
        if (expect.Bytes is { } bytes && (step.Happened.Bytes is not { } found || !found.Span.SequenceEqual(bytes.Span)))
        {
            unmet.Add(new Mismatch("bytes", StepText.Quoted(bytes.Span), step.Happened.Bytes is { } other ? StepText.Quoted(other.Span) : "no bytes"));
        }

        return unmet;
    }

    private static void Outcome(List<Mismatch> unmet, ScenarioStep step, StepObservation found)
    {
        var expect = step.Expect;
        var isMet = found.Outcome != StepOutcome.Stalled
            && (expect.AnyOutcome || (expect.Outcome is { } outcome ? outcome == found.Outcome : DoesWhatItAsks(step, found.Outcome)));
        if (!isMet)
        {
            unmet.Add(new Mismatch("outcome", expect.Outcome is { } other ? Words.Of(other) : "what was asked", found.ToString()));
        }

        Same(unmet, "reason", expect.Reason?.ToString(), found.Refusal?.Reason.ToString());
        Same(unmet, "errno", expect.Errno, found.Errno.Name);
        Same(unmet, "container", expect.Container?.ToString(), found.Container?.ToString());
        Same(unmet, "churn", expect.Churn?.ToString(), found.View?.Churn.ToString());
    }

    private static bool DoesWhatItAsks(ScenarioStep step, StepOutcome outcome) => outcome switch
    {
        StepOutcome.Abandoned => step is ScenarioStep.Abandon,
        StepOutcome.Refused or StepOutcome.Pending or StepOutcome.DmaFault or StepOutcome.Fault => false,
        _ => true,
    };

    private static void Texts(List<Mismatch> unmet, StepExpectation expect, StepResult step)
    {
        var words = step.Happened.Words;
        if (expect.Words is { } pieces && pieces.Any(piece => !words.Contains(piece, StringComparison.Ordinal)))
        {
            unmet.Add(new Mismatch("words", pieces, [words]));
        }

        EachHolds(unmet, "skipped", expect.Skipped, step.Happened.Skipped?.Select(skip => $"{skip.Range} {skip.Name}: {skip.Reason}"));
        EachHolds(unmet, "holes", expect.Holes, step.Happened.View?.Holes);
        if (expect.Events is { } events && !AreInOrder(events, step.Events))
        {
            unmet.Add(new Mismatch("events", events, step.Events));
        }
    }

    private static void State(List<Mismatch> unmet, StepExpectation expect, StepResult step, AddressSpaceState? space)
    {
        Same(unmet, "containers", expect.Containers?.ToString(), space?.Containers.Count.ToString());
        var container = space?.Containers.FirstOrDefault(container => container.Id == step.Happened.Container)
            ?? (space is { Containers: [var first, ..] } ? first : null);
        EachHolds(unmet, "pending", expect.Pending, container?.Pending.Select(left => $"{left.Range} {left.Name}: {left.Reason}"));
        var decision = space is { Decisions: [.., var newest] } ? newest.ToString() : "";
        if (expect.Decision is { } pieces && pieces.Any(piece => !decision.Contains(piece, StringComparison.Ordinal)))
        {
            unmet.Add(new Mismatch("decision", pieces, [decision]));
        }

        if (expect.Windows is { } windows)
        {
            var found = step.Happened.Windows ?? container?.Snapshot.Windows;
            if (found is null || !found.SequenceEqual(windows))
            {
                unmet.Add(new Mismatch("windows", [.. windows.Select(window => window.ToString())], [.. found?.Select(window => window.ToString()) ?? []]));
            }
        }

        if (expect.Mapped is { } mapped)
        {
            var found = MappedText.Of(container?.Mappings ?? []);
            if (!found.SequenceEqual(mapped, StringComparer.Ordinal))
            {
                unmet.Add(new Mismatch("mapped", mapped, found));
            }
        }
    }

    private static void Plan(List<Mismatch> unmet, PlanExpectation expect, PaperPlan? found)
    {
        EachHolds(unmet, "plan.conflicts", expect.Conflicts, found?.Conflicts);
        EachHolds(unmet, "plan.costs", expect.Costs, found?.Costs);
        EachHolds(unmet, "plan.hole_costs", expect.HoleCosts, found?.HoleCosts);
        EachHolds(unmet, "plan.layout", expect.Layout, found?.Layout);
        Same(unmet, "plan.entries.needed", expect.EntriesNeeded?.ToString(), found?.Detail.EntriesNeeded.ToString());
        Same(unmet, "plan.entries.left", expect.EntriesLeft?.ToString(), found?.Detail.EntriesLeft.ToString());
    }

    private static void Calls(List<Mismatch> unmet, StepExpectation expect, StepResult step)
    {
        if (expect.Calls is { } calls
            && (calls.Count != step.Calls.Count || calls.Zip(step.Calls).Any(pair => !pair.Second.StartsWith(pair.First, StringComparison.Ordinal))))
        {
            unmet.Add(new Mismatch("calls", calls, step.Calls));
        }

        foreach (var (name, count) in expect.CallCounts ?? new Dictionary<string, int>(StringComparer.Ordinal))
        {
            var found = step.Calls.Count(call => call.StartsWith(name + " ", StringComparison.Ordinal) || call == name);
            Same(unmet, $"call_counts.{name}", count.ToString(), found.ToString());
        }
    }

    private static void Same(List<Mismatch> unmet, string key, string? expected, string? found)
    {
        if (expected is not null && expected != found)
        {
            unmet.Add(new Mismatch(key, expected, found ?? "none"));
        }
    }

    private static void EachHolds(List<Mismatch> unmet, string key, IReadOnlyList<string>? expected, IEnumerable<string>? found)
    {
        if (expected is null)
        {
            return;
        }

        var lines = found?.ToList() ?? [];
        if (lines.Count != expected.Count || expected.Zip(lines).Any(pair => !pair.Second.Contains(pair.First, StringComparison.Ordinal)))
        {
            unmet.Add(new Mismatch(key, expected, lines));
        }
    }

    private static bool AreInOrder(IReadOnlyList<string> pieces, IReadOnlyList<string> lines)
    {
        var at = 0;
        foreach (var line in lines)
        {
            at += at < pieces.Count && line.Contains(pieces[at], StringComparison.Ordinal) ? 1 : 0;
        }

        return at == pieces.Count && (at > 0 || lines.Count == 0);
    }

    /// <summary>Mappings as expectations write them.</summary>
    private static class MappedText
    {
        internal static List<string> Of(IEnumerable<MappedRange> mappings)
        {
            var joined = new List<(IovaRange Range, string How)>();
            foreach (var mapping in mappings)
            {
                var how = $"{(mapping.Access.HasFlag(DmaAccess.Write) ? "rw" : "ro")}{(mapping.IsDying ? " dying" : "")}";
                if (joined.Count > 0 && joined[^1].How == how && joined[^1].Range.IsFollowedBy(mapping.Range))
                {
                    joined[^1] = (new IovaRange(joined[^1].Range.Start, mapping.Range.Last), how);
                }
                else
                {
                    joined.Add((mapping.Range, how));
                }
            }

            return [.. joined.Select(piece => $"{piece.Range} {piece.How}")];
        }
    }
}
