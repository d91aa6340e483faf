using Vmm.Actors;
using Vmm.Testing.Emulation;

namespace Vmm.Testing.Scenarios.Machines;

/// <summary>What a scenario wants that no real machine can be told to do.</summary>
internal static class ScenarioLimits
{
    private static readonly string[] Type1Calls = ["VFIO_GROUP_", "VFIO_IOMMU_", "VFIO_SET_IOMMU", "VFIO_CHECK_EXTENSION", "VFIO_GET_API_VERSION"];
    private static readonly string[] IommufdCalls = ["IOMMU_", "VFIO_DEVICE_BIND_", "VFIO_DEVICE_ATTACH_", "VFIO_DEVICE_DETACH_"];
    private static readonly string[] AnyDeviceDrivers = ["vfio-pci", "pci-stub"];

    /// <summary>True for a driver that takes any device and does nothing with it that the IOMMU would see.</summary>
    internal static bool TakesAnyDevice(string driver) => AnyDeviceDrivers.Contains(driver);

    /// <summary>Why a scenario cannot run on a real machine whatever its devices are; null when it can.</summary>
    internal static string? WhyEmulatedOnly(HotplugScenario scenario) =>
        OfHost(scenario.Host)
        ?? ScenarioNames.ChangesOf(scenario).Select(OfChange).FirstOrDefault(why => why is not null)
        ?? ScenarioNames.SectionsOf(scenario).Where(section => section is { Backing: SectionBacking.DeviceMemory, Bar: null })
            .Select(section => $"{section.Name} is device memory that belongs to no device's BAR").FirstOrDefault()
        ?? ScenarioNames.StepsOf(scenario).Select(OfStep).FirstOrDefault(why => why is not null)
        ?? OfBackend(scenario)
        ?? OfOpenDevices(scenario)
        ?? OfAddresses(scenario);

    private static string? OfHost(HostScript host) =>
        host.Kernel != KernelPersonality.Linux72 ? $"it is about Linux {host.Kernel.Name}, and the machine's kernel is what it is"
        : !host.HasType1V2 ? "it is about a kernel that has only version 1 of type1"
        : host.Links.Count > 0 ? "it puts links into sysfs"
        : null;

    private static string? OfChange(HostChange change) => change switch
    {
        HostChange.Add { Device: { Bus: not "pci" } or { Group: null } or { Iommu: not null } or { Driver: not null } or { Reserved.Count: > 0 } } add =>
            $"it plugs {add.Device.Address} into the host; a machine can only find a PCI function again, as it was and without a driver",
        HostChange.Reserve reserve => $"it changes the reserved regions of group {reserve.Group}",
        HostChange.FailDomains fail => $"it lets {fail.Iommu} fail",
        _ => null,
    };

    private static string? OfStep(ScenarioStep step) =>
        step.Expect.Problems is { Count: > 0 } ? "it expects things that are wrong in sysfs"
        : (step.Expect.Topology ?? []).Any(group => group.Hazards is { Count: > 0 }) ? "it says where on the bus BARs lie"
        : null;

    private static string? OfBackend(HotplugScenario scenario)
    {
        if (scenario.Backend == BackendChoice.Auto)
        {
            return null;
        }

        var isIommufd = scenario.Backend == BackendChoice.Iommufd;
        var wrong = ScenarioNames.StepsOf(scenario).SelectMany(CallsOf).FirstOrDefault(call => IsOfOther(call, isIommufd));
        return wrong is not null ? $"it is about {wrong}, which is not called by {(isIommufd ? "iommufd" : "type1")}"
            : isIommufd && scenario.Host.EntryLimit is { } limit ? $"its containers hold {limit} mappings, and those of iommufd any number"
            : null;
    }

    private static IEnumerable<string> CallsOf(ScenarioStep step) =>
        (step.Expect.CallCounts ?? new Dictionary<string, int>()).Where(count => count.Value > 0).Select(count => count.Key)
            .Concat((step.Expect.Calls ?? []).Select(call => call.Split(' ')[0]))
            .Concat(step is ScenarioStep.Fail { Call: { } failing } ? [failing] : []);

    private static bool IsOfOther(string call, bool isIommufd) =>
        isIommufd ? Type1Calls.Any(start => call.StartsWith(start, StringComparison.Ordinal)) : IommufdCalls.Any(start => call.StartsWith(start, StringComparison.Ordinal));

    /// <summary>KERNEL: whoever takes a device from a VFIO driver waits until it is closed; the one thread of a scenario would wait for itself.</summary>
    private static string? OfOpenDevices(HotplugScenario scenario)
    {
        var open = new HashSet<string>(StringComparer.Ordinal);
        foreach (var step in ScenarioNames.StepsOf(scenario))
        {
            switch (step)
            {
                case ScenarioStep.Attach { Expect.Outcome: not StepOutcome.Refused } attach:
                    open.Add(attach.Device);
                    break;
                case ScenarioStep.Abandon abandon:
                    open.Add(abandon.Device);
                    break;
                case ScenarioStep.Detach detach:
                    open.Remove(detach.Device);
                    break;
                case ScenarioStep.Host host when host.Changes.Select(TakenBy).FirstOrDefault(device => device is not null && open.Contains(device)) is { } taken:
                    return $"it takes {taken} from its driver while it is attached, which waits until it is closed";
            }
        }

        return null;
    }

    private static string? TakenBy(HostChange change) => change switch
    {
        HostChange.Unbind unbind => unbind.Device,
        HostChange.Remove remove => remove.Device,
        _ => null,
    };

    /// <summary>Large blocks repeat their bytes on a real machine, so two pages that are one there cannot both be looked at.</summary>
    private static string? OfAddresses(HotplugScenario scenario)
    {
        if (!ScenarioNames.SectionsOf(scenario).Any(section => section.HasMemory && section.Bar is null && section.Offset + section.Range.Length > LinuxMachine.Fold))
        {
            return null;
        }

        var pages = ScenarioNames.AddressesOf(scenario).Select(address => address >> 12).Distinct().ToList();
        var twice = pages.GroupBy(page => page % (LinuxMachine.Fold >> 12)).FirstOrDefault(same => same.Count() > 1);
        return twice is null ? null : $"it looks at {string.Join(" and ", twice.Select(page => $"0x{page << 12:x}"))}, whose bytes a machine with little memory shows as one";
    }
}
