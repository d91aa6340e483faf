using FsCheck;
using Vmm.Actors;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.Containers;
using Vmm.Iommu.Planning;
using Vmm.Iommu.Tests.Properties;

namespace Vmm.Testing.Tests.Properties;

/// <summary>A space planned on paper, device by device, ends up as the space into which the same devices are attached.</summary>
public class PaperPropertyTests
{
    private static readonly Gen<SpaceCase> Spaces = SpaceCase.Any(mostHoles: 2, 0x4020_1000);

    [Fact]
    [Trait("Requirement", "R1.3")]
    [Trait("Requirement", "R2.4")]
    [Trait("Requirement", "R2.11")]
    public void Containers_windows_mappings_and_entries_on_paper_are_those_that_attaches_make() => Generated.Explains(Spaces, input =>
    {
        using var world = new SpaceWorld(input);
        var probes = world.Topology.Devices.ToDictionary(device => device.Name, world.Probe);
        var paper = new PlannedSpace(world.Topology, world.View, SectionFilter.FourKiB, world.Policy, input.Holes);
        try
        {
            return input.Order.Select(name => WhatDiffers(world, paper, name, probes[name])).FirstOrDefault(wrong => wrong is not null);
        }
        finally
        {
            // What is planned is leased as what is mapped: the paper is thrown away.
            foreach (var mapping in paper.Containers.SelectMany(container => container.Mappings))
            {
                mapping.Lease.End();
            }
        }
    }, count: 150);

    private static string? WhatDiffers(SpaceWorld world, PlannedSpace paper, string name, ContainerProbe? probe)
    {
        Assert.True(world.Topology.TryGetDevice(name, out var device));
        var request = paper.RequestFor(device, probe: probe);
        var plan = AttachPlan.For(request);
        var attach = world.Attach(name);
        if (plan.WouldAttach != attach.IsAttached)
        {
            return $"{name}: the paper says {plan}, and the attach {attach.Refusal}";
        }

        var planned = plan.WouldAttach ? paper.Attach(device, request, plan) : null;
        if (WhatDiffers(paper, world.State) is { } wrong)
        {
            return $"{name}: {wrong}";
        }

        return plan is AttachPlan.NewContainer && planned is not null && paper.Detail(request).EntriesNeeded != planned.Mappings.Count
            ? $"{name}: {paper.Detail(request).EntriesNeeded} entries were named, and {planned.Mappings.Count} are used"
            : null;
    }

    private static string? WhatDiffers(PlannedSpace paper, AddressSpaceState state)
    {
        if (paper.Containers.Count != state.Containers.Count)
        {
            return $"{paper.Containers.Count} containers on paper, {state.Containers.Count} in the kernel";
        }

        return paper.Containers.Zip(state.Containers).Select(pair => WhatDiffers(pair.First, pair.Second)).FirstOrDefault(wrong => wrong is not null);
    }

    private static string? WhatDiffers(PlannedContainer paper, ContainerReport report)
    {
        var planned = paper.Mappings.Select(mapping => $"{mapping.Range} {mapping.Lease.Block!.Name}+{mapping.Offset:x} {mapping.Access}");
        var mapped = report.Mappings.Select(mapping => $"{mapping.Range} {mapping.Block}+{mapping.Offset:x} {mapping.Access}");
        return !paper.Groups.Select(group => group.Value).Order().SequenceEqual(report.Groups.Order()) ? $"groups {string.Join(',', paper.Groups)} on paper, {string.Join(',', report.Groups)} in the kernel"
            : !paper.Devices.Order(StringComparer.Ordinal).SequenceEqual(report.Devices.Order(StringComparer.Ordinal)) ? $"devices {string.Join(',', paper.Devices)} on paper, {string.Join(',', report.Devices)} in the kernel"
            : !paper.Windows.Equals(report.Snapshot.Windows) ? $"windows {paper.Windows} on paper, {report.Snapshot.Windows} in the kernel"
            : !planned.SequenceEqual(mapped) ? $"mapped {string.Join(", ", planned)} on paper, {string.Join(", ", mapped)} in the kernel"
            : null;
    }
}
