using Vmm.Iommu.Addressing;
using Vmm.Iommu.Containers.Type1;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Topology;
using Vmm.Testing.Emulation;
using Vmm.Testing.Recordings;
using Vmm.Testing.Scenarios.Machines;
using Vmm.Testing.Scenarios.Running;

namespace Vmm.Testing.Scenarios;

/// <summary>
/// The machine that this process runs on, for scenarios: its devices stand for those of a scenario's host where they are alike. Devices
/// that a driver of the host holds are left alone unless a person names them. After each scenario drivers are as they were before.
/// </summary>
public sealed class RealMachine
{
    private readonly HostKernel _kernel;
    private readonly IReadOnlyDictionary<string, string> _asked;
    private readonly Dictionary<int, IovaRange?> _reach = [];

    /// <summary>A machine.</summary>
    /// <param name="kernel">Its kernel.</param>
    /// <param name="asked">Devices of the machine by devices of scenarios, where a person says what stands for what; empty to choose by shape.</param>
    public RealMachine(HostKernel kernel, IReadOnlyDictionary<string, string> asked)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        ArgumentNullException.ThrowIfNull(asked);
        _kernel = kernel;
        _asked = asked;
    }

    /// <summary>The scenario in this machine's names, and what it runs on; or why it cannot run here.</summary>
    internal RealStage Prepare(HotplugScenario scenario, RecordingFile? recording)
    {
        if (ScenarioLimits.WhyEmulatedOnly(scenario) is { } why)
        {
            return RealStage.None(why);
        }

        // What steps plug in has to be there to be found again.
        var plugged = ScenarioNames.ChangesOf(scenario).OfType<HostChange.Add>().Select(add => add.Device).ToList();
        using var emulated = new EmulatedKernel(ScenarioHost.Build(scenario.Host with { Devices = [.. scenario.Host.Devices, .. plugged] }));
        var wanted = new SysfsTopologyReader(emulated.ToHostKernel().Sysfs).Read(1);
        var found = new SysfsTopologyReader(_kernel.Sysfs).Read(1);
        if (_asked.Values.FirstOrDefault(name => !found.TryGetDevice(name, out _)) is { } missing)
        {
            return RealStage.None($"this machine has no device {missing}");
        }

        var fit = new RealFit(wanted, found, _asked)
        {
            Movers = ScenarioNames.MoversOf(scenario),
            Bars = [.. ScenarioNames.BarsOf(scenario)],
            Missed = lacking => ScenarioRanges.FirstIn(scenario, lacking),
            WantedReach = device => device.Iommu is { } unit ? emulated.Host.Unit(unit).Aperture : null,
            FoundReach = Reach,
        };
        return fit.TryFind(ScenarioNames.DevicesOf(scenario), out why) is { } place && WithDrivers(scenario, place, found, out why) is { } whole
            ? Stage(scenario, whole, wanted, found, recording)
            : RealStage.None(why);
    }

    /// <summary>Which drivers stand for those that steps bind; null with the reason where none does.</summary>
    private RealPlace? WithDrivers(HotplugScenario scenario, RealPlace place, HostTopology found, out string why)
    {
        var natives = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var bind in ScenarioNames.ChangesOf(scenario).OfType<HostChange.Bind>())
        {
            if (!ScenarioLimits.TakesAnyDevice(bind.Driver) && place.Devices.TryGetValue(bind.Device, out var name))
            {
                if (!found.TryGetDevice(name, out var device) || device is not { Binding: DriverBinding.UsesDmaApi, Driver: { } native })
                {
                    why = $"it binds the host's driver {bind.Driver}, and {name} has none that could stand for it; name with --map one that has";
                    return null;
                }

                natives[bind.Driver] = native;
            }
            else if (!new DriverWrites(_kernel.Sysfs).HasDriver(bind.Driver))
            {
                why = $"it binds the driver {bind.Driver}, which this machine's kernel does not have";
                return null;
            }
        }

        why = "";
        var pulled = ScenarioNames.ChangesOf(scenario).OfType<HostChange.Add>().Select(add => place.Devices[add.Device.Address]);
        return place with { NativeDrivers = natives, Pulled = [.. pulled] };
    }

    private RealStage Stage(HotplugScenario scenario, RealPlace place, HostTopology wanted, HostTopology found, RecordingFile? recording)
    {
        var translation = new ScenarioTranslation(place, wanted.Devices.Select(device => device.Name).ToHashSet(StringComparer.Ordinal));
        var translated = translation.Of(scenario);
        if (translation.Unknown.Count > 0)
        {
            return RealStage.None($"it speaks of {string.Join(" and ", translation.Unknown.Order(StringComparer.Ordinal))}, for which nothing of this machine stands");
        }

        return LinuxMachine.TryPrepare(_kernel, found, place, scenario.Host.EntryLimit, recording, out var why) is { } machine
            ? new RealStage(translated, machine, null) { Assigned = [.. place.Devices.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key} is {pair.Value}")] }
            : RealStage.None(why);
    }

    /// <summary>Asked once for each group, by a container that is empty and gone at once.</summary>
    private IovaRange? Reach(IommuGroupId group)
    {
        if (!_reach.TryGetValue(group.Value, out var reach))
        {
            reach = Type1Probe.Query(_kernel.Devices, group.Value).Info?.Windows is { Count: > 0 } windows
                ? new IovaRange(windows[0].Start, windows[^1].Last)
                : null;
            _reach[group.Value] = reach;
        }

        return reach;
    }
}
