using Vmm.Iommu.AddressSpaces;
using Vmm.Testing.Scenarios.Running;

namespace Vmm.Testing.Scenarios.Machines;

/// <summary>Which devices a scenario does something with, and what it says of a host.</summary>
internal static class ScenarioNames
{
    /// <summary>All steps, parts of concurrent ones too.</summary>
    internal static IEnumerable<ScenarioStep> StepsOf(HotplugScenario scenario) =>
        scenario.Steps.SelectMany(step => step is ScenarioStep.Concurrently together ? [step, .. together.Steps] : (IEnumerable<ScenarioStep>)[step]);

    /// <summary>Devices that steps are about, each once, in the order met.</summary>
    internal static IReadOnlyList<string> DevicesOf(HotplugScenario scenario) =>
        [.. StepsOf(scenario).SelectMany(DevicesOf).Concat(BarsOf(scenario).Select(bar => bar.Device)).Distinct(StringComparer.Ordinal)];

    /// <summary>Devices that move bytes.</summary>
    internal static IReadOnlySet<string> MoversOf(HotplugScenario scenario) => StepsOf(scenario).Select(MoverOf).OfType<string>().ToHashSet(StringComparer.Ordinal);

    /// <summary>BARs that views show, with how much of each.</summary>
    internal static IEnumerable<(string Device, int Bar, UInt128 Length)> BarsOf(HotplugScenario scenario) =>
        SectionsOf(scenario).Where(section => section.Bar is not null).Select(section =>
        {
            var slash = section.Bar!.LastIndexOf('/');
            return (section.Bar[..slash], int.Parse(section.Bar.AsSpan(slash + 1)), section.Offset + section.Range.Length);
        });

    /// <summary>Sections of all views and edits.</summary>
    internal static IEnumerable<SectionScript> SectionsOf(HotplugScenario scenario) =>
        scenario.Spaces.SelectMany(space => ScriptedView.Of(space.Memory).Sections).Concat(StepsOf(scenario).SelectMany(EditsOf).SelectMany(edit => edit switch
        {
            ViewEdit.Set set => ScriptedView.Of(set.Memory).Sections,
            ViewEdit.Add add => add.Sections,
            ViewEdit.Shadow { Name: { } name } shadow =>
                [new SectionScript(shadow.Range, SectionKind.Ram, name) { Offset = shadow.Offset ?? shadow.Range.Start.Value }],
            _ => (IEnumerable<SectionScript>)[],
        }));

    /// <summary>Changes of the host.</summary>
    internal static IEnumerable<HostChange> ChangesOf(HotplugScenario scenario) => StepsOf(scenario).OfType<ScenarioStep.Host>().SelectMany(host => host.Changes);

    /// <summary>Addresses that devices and the guest access.</summary>
    internal static IEnumerable<ulong> AddressesOf(HotplugScenario scenario) => StepsOf(scenario).SelectMany(step => step switch
    {
        ScenarioStep.DmaWrite write => [write.Iova],
        ScenarioStep.DmaRead read => [read.Iova],
        ScenarioStep.GuestWrite write => [write.Address],
        ScenarioStep.GuestRead read => [read.Address],
        _ => (IEnumerable<ulong>)[],
    });

    private static IEnumerable<ViewEdit> EditsOf(ScenarioStep step) => step switch
    {
        ScenarioStep.Prepare prepare => prepare.Edits,
        ScenarioStep.Commit { Edits: { } edits } => edits,
        _ => [],
    };

    private static IEnumerable<string> DevicesOf(ScenarioStep step) => step switch
    {
        ScenarioStep.Attach attach => [attach.Device],
        ScenarioStep.Plan plan => [plan.Device],
        ScenarioStep.Detach detach => [detach.Device],
        ScenarioStep.Abandon abandon => [abandon.Device],
        ScenarioStep.Host host => host.Changes.Select(ChangedBy).OfType<string>(),
        _ => MoverOf(step) is { } mover ? [mover] : [],
    };

    private static string? MoverOf(ScenarioStep step) => step switch
    {
        ScenarioStep.DmaWrite write => write.Device,
        ScenarioStep.DmaRead read => read.Device,
        _ => null,
    };

    private static string? ChangedBy(HostChange change) => change switch
    {
        HostChange.Add add => add.Device.Address,
        HostChange.Bind bind => bind.Device,
        HostChange.Unbind unbind => unbind.Device,
        HostChange.Remove remove => remove.Device,
        _ => null,
    };
}
