using Vmm.Iommu.Results;
using Vmm.Testing.GuestIommus;
using Vmm.Testing.Stepping;

namespace Vmm.Testing.Scenarios.Running;

/// <summary>
/// What vCPUs do by a vIOMMU. Each map and unmap is a turn of the order, so that what actors and rings do meanwhile comes before
/// it or after it, as the seed decides.
/// </summary>
internal sealed class GuestActs(SeededOrder order)
{
    /// <exception cref="FormatException">The space has none.</exception>
    internal static GuestIommuModel IommuOf(ScenarioSpace space) =>
        space.Guest ?? throw new FormatException($"the space {space.Client.Name} has no vIOMMU; write viommu: true in its memory");

    internal Task<StepObservation> MapAsync(ScenarioSpace space, ScenarioStep.GuestMap step)
    {
        var guest = IommuOf(space);
        var ended = new TaskCompletionSource<StepObservation>();
        Map(0);
        return ended.Task;

        void Map(int done) => order.Add(() => "a map of the guest", () =>
        {
            var by = unchecked((ulong)done * step.Length);
            var result = guest.Map(unchecked(step.Iova + by), step.Length, unchecked(step.Target + by), step.Access);
            if (!result.IsOk || done + 1 == step.Count)
            {
                ended.SetResult(Said(result, $"{done + (result.IsOk ? 1 : 0)} of {step.Count} mapped"));
                return;
            }

            Map(done + 1);
        });
    }

    internal Task<StepObservation> UnmapAsync(ScenarioSpace space, ScenarioStep.GuestUnmap step)
    {
        var guest = IommuOf(space);
        var ended = new TaskCompletionSource<StepObservation>();
        order.Add(() => "an unmap of the guest", () => ended.SetResult(Said(guest.Unmap(step.Range.Start.Value, step.Range.Last.Value), "")));
        return ended.Task;
    }

    private static StepObservation Said(MapResult result, string words) => result.IsOk
        ? new StepObservation(StepOutcome.Done, words)
        : new StepObservation(StepOutcome.Refused, words.Length == 0 ? $"{result}" : $"{result}, {words}");
}
