using Vmm.Actors;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.Reserved;

namespace Vmm.Testing.Scenarios.Machines;

/// <summary>Where in the IOVA space a scenario does something: it does not notice what a machine cannot map elsewhere. Pure.</summary>
internal static class ScenarioRanges
{
    /// <summary>What of a scenario lies in IOVAs that a machine lacks, in words; null where nothing does.</summary>
    /// <param name="scenario">The scenario, in its own names.</param>
    /// <param name="lacking">What its IOMMUs map and the machine's do not.</param>
    internal static string? FirstIn(HotplugScenario scenario, ValidIovaRanges lacking) =>
        lacking.Count == 0 ? null
        : ScenarioNames.SectionsOf(scenario).FirstOrDefault(section => section.HasMemory && lacking.Any(section.Range.Overlaps)) is { } section ? $"{section.Name} is at {section.Range}"
        : ScenarioNames.AddressesOf(scenario).Where(address => lacking.Any(range => range.Contains(new Iova(address)))).Select(address => $"0x{address:x} is accessed").FirstOrDefault()
            ?? GuestMapsOf(scenario).Where(mapped => lacking.Any(mapped.Overlaps)).Select(mapped => $"a vIOMMU maps {mapped}").FirstOrDefault()
            ?? HolesOf(scenario).Where(hole => lacking.Any(hole.Overlaps)).Select(hole => $"a hole is asked for at {hole}").FirstOrDefault()
            ?? (ScenarioNames.StepsOf(scenario).Any(ListsRegions) ? "it is known which regions each group reserves" : null);

    private static IEnumerable<IovaRange> HolesOf(HotplugScenario scenario) =>
        scenario.Spaces.SelectMany(space => space.Holes)
            .Concat(ScenarioNames.StepsOf(scenario).OfType<ScenarioStep.Rules>().SelectMany(rules => rules.Change(SpaceRules.None).Holes));

    /// <summary>Where a vIOMMU maps, and is not refused.</summary>
    private static IEnumerable<IovaRange> GuestMapsOf(HotplugScenario scenario) =>
        ScenarioNames.StepsOf(scenario).OfType<ScenarioStep.GuestMap>().Where(step => step.Expect.Outcome is not StepOutcome.Refused)
            .Select(step => IovaRange.TryFromLength(step.Iova, step.Length * (ulong)step.Count, out var range) ? range : (IovaRange?)null).OfType<IovaRange>();

    private static bool ListsRegions(ScenarioStep step) => (step.Expect.Topology ?? []).Any(group => group.Regions is not null);
}
