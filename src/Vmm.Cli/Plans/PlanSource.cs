using Vmm.Actors;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.Containers;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Planning;
using Vmm.Iommu.Topology;

namespace Vmm.Cli.Plans;

/// <summary>Makes the plan for a device. Opens nothing, unless it is to ask the kernel.</summary>
internal static class PlanSource
{
    /// <summary>Plans the devices one after another; the last one is what is asked for.</summary>
    /// <param name="request">What is to be planned.</param>
    /// <param name="topology">The host.</param>
    /// <param name="kernel">Who is asked where the request says so; nobody else touches it.</param>
    /// <exception cref="CliException">A device or the file cannot be used; a device that comes before would be refused itself.</exception>
    internal static PlannedDevice Read(PlanRequest request, HostTopology topology, HostKernel kernel)
    {
        var with = request.With.Select(name => Find(topology, name, "--with")).ToList();
        var device = Find(topology, request.Device, "--device");
        if (with.Append(device).GroupBy(known => known.Name).FirstOrDefault(same => same.Count() > 1) is { } twice)
        {
            throw new CliException($"--with {twice.Key}: is named twice, and a device joins a space once; take one of them out");
        }

        var memory = PlanMemory.Read(request);
        var paper = new PlannedSpace(topology, memory.View, SectionFilter.FourKiB, AttachPolicy.Default, request.Holes);
        with.ForEach(earlier => Put(paper, earlier));

        var asked = request.Probe && topology.TryGetGroup(device.Group!.Value, out var group) ? DeviceProbe.Query(request.Backend, kernel, group, device) : null;
        var last = paper.RequestFor(device, IsThere(paper, device), asked?.Info is null ? null : asked) with { Conditions = BindFirst.Of(device) };
        var plan = AttachPlan.For(last);
        plan = plan with { Conditions = [.. with.SelectMany(earlier => ConditionsOf(topology, earlier)).Concat(plan.Conditions).Distinct()] };
        var container = paper.Attach(device, last, plan);
        return new PlannedDevice(device, plan, paper.Detail(last), container?.Mappings.Count ?? 0, container?.EntryLimit ?? 0, Words(asked))
        {
            HostMemory = memory.HostMemory,
        };
    }

    private static HostDevice Find(HostTopology topology, string name, string option)
    {
        if (!topology.TryGetDevice(name, out var device))
        {
            var cure = NearestName.Of(name, topology.Devices.Select(known => known.Name)) is { } near ? $"did you mean {near}?" : "vmm topology lists those there are";
            throw new CliException($"{option} {name}: the host has no such device; {cure}");
        }

        return device.Group is { } group && topology.TryGetGroup(group, out _)
            ? device
            : throw new CliException(
                $"{option} {name}: no IOMMU group holds it, so it cannot be given to a VM; turn the IOMMU on in firmware and on the kernel's command line, or take another device",
                ExitCode.Refused);
    }

    /// <summary>Puts in a device that the space is said to have: its group counts as bound to VFIO, however it is bound now.</summary>
    private static void Put(PlannedSpace paper, HostDevice earlier)
    {
        var request = paper.RequestFor(earlier, asBound: true);
        var plan = AttachPlan.For(request);
        if (paper.Attach(earlier, request, plan) is null)
        {
            throw new CliException($"--with {earlier.Name}: it would be refused itself: {((AttachPlan.Refuse)plan).Reason}", ExitCode.Refused);
        }
    }

    /// <summary>True when the device's group is in the space already, so that it counts as bound to VFIO.</summary>
    private static bool IsThere(PlannedSpace paper, HostDevice device) => paper.Containers.Any(container => container.Groups.Contains(device.Group!.Value));

    /// <summary>What has to be done before a device can be in the space as it is said to be.</summary>
    private static IEnumerable<string> ConditionsOf(HostTopology topology, HostDevice earlier) =>
        GroupViability.Of(topology, earlier.Group!.Value).InTheWay.Append(earlier).SelectMany(BindFirst.Of);

    private static string? Words(ContainerProbe? asked) => asked?.Refusal is { } refusal ? $"the kernel was asked, and did not answer all: {refusal}" : null;
}
