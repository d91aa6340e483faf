using Vmm.Actors.Client;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.Results;
using Vmm.Testing.Emulation;

namespace Vmm.Actors.Tests;

/// <summary>Random histories of commands, cancellations, host changes and actors that stop: every command ends, and the books agree with the kernel.</summary>
public class InterleavingTests
{
    private const int Commands = 24;

    public static TheoryData<int> Seeds() => [.. Enumerable.Range(1, 40)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Every_command_ends_and_the_state_is_what_the_kernel_has(int seed)
    {
        using var rig = new Rig(ThreeGroups, seed);
        var history = new History(rig, seed);

        for (var i = 0; i < Commands; i++)
        {
            history.Next();
        }

        history.Settle();
        AssertStateIsTheKernels(rig);
        rig.Release();
    }

    private static void ThreeGroups(EmulatedHostBuilder host) => host
        .Group(5).Device("0000:05:00.0", driver: "vfio-pci").Device("0000:05:00.1", driver: "vfio-pci").Msi()
        .Group(6).Device("0000:06:00.0", driver: "vfio-pci").Msi()
        .Group(7).Device("0000:07:00.0", driver: "vfio-pci").Msi();

    private static void AssertStateIsTheKernels(Rig rig)
    {
        var containers = rig.Do(() => rig.Space.GetStateAsync()).Containers;
        var census = rig.Kernel.Census();
        Assert.Equal(
            (census.Containers, census.Groups, census.Devices),
            (containers.Count, containers.Sum(container => container.Groups.Count), containers.Sum(container => container.Devices.Count)));
        Assert.Equal(containers.Select(container => container.Mappings.Count).Where(count => count > 0).Order(), census.Mappings.Where(count => count > 0).Order());
        Assert.All(containers, container => Assert.Null(container.Degraded));
        foreach (var device in containers.SelectMany(container => container.Devices))
        {
            Assert.Equal(containers.All(container => container.Mappings.Count > 0), rig.Reaches(device, 0));
        }
    }

    private sealed class History(Rig rig, int seed)
    {
        private readonly Random _random = new(seed);
        private readonly List<Task> _tasks = [];
        private readonly List<CancellationTokenSource> _callers = [];
        private readonly List<IDeviceBinding> _bindings = [];
        private readonly RamBlock _dimm = rig.Block("dimm", 1 << 20);
        private int _late;

        public void Next()
        {
            var device = Pick("0000:05:00.0", "0000:05:00.1", "0000:06:00.0", "0000:07:00.0", "0000:99:00.0");
            switch (_random.Next(10))
            {
                case 0 or 1 or 2:
                    Start(token => AttachAsync(device, token));
                    break;
                case 3 or 4 when _bindings.Count > 0:
                    var binding = _bindings[_random.Next(_bindings.Count)];
                    Start(token => binding.DetachAsync(token));
                    break;
                case 5:
                    Start(token => rig.Space.CommitViewAsync(View(), token));
                    break;
                case 6:
                    Start(token => rig.Space.PrepareViewAsync(View(), token));
                    break;
                case 7 when _callers.Count > 0:
                    _callers[_random.Next(_callers.Count)].Cancel();
                    break;
                case 8:
                    ChangeHost();
                    break;
                default:
                    Stop(Pick("/user/vmm/host", "/user/vmm/host/group-5", "/user/vmm/address-space-memory", "/user/vmm/address-space-memory/container-1", "/user/vmm/address-space-memory/container-2"));
                    break;
            }

            rig.Steps.Run(_random.Next(12));
        }

        public void Settle()
        {
            rig.Steps.Settle(() => _tasks.TrueForAll(task => task.IsCompleted), "the history");
            rig.Steps.RunToQuiet();
            Assert.All(_tasks.Where(task => task.IsFaulted), task => Assert.IsType<IommuException>(task.Exception!.InnerException));
            _callers.ForEach(caller => caller.Dispose());
            _callers.Clear();
        }

        private async Task AttachAsync(string device, CancellationToken token)
        {
            var outcome = await rig.Space.AttachDeviceAsync(device, cancellationToken: token);
            if (outcome.IsAttached)
            {
                _bindings.Add(outcome.Binding);
            }
        }

        private void ChangeHost()
        {
            if (_late < 3)
            {
                var device = $"0000:06:00.{++_late}";
                rig.Kernel.Host.AddDevice(new PciDeviceSpec(device), 6);
                rig.Kernel.Host.BindToVfio(device);
            }

            Start(token => rig.Vmm.RescanHostAsync(token));
        }

        private FlatView View() => _random.Next(3) switch
        {
            0 => FlatView.Empty,
            1 => rig.View,
            _ => new FlatView([.. rig.View, Rig.Section(0x800_0000, _dimm)]),
        };

        private void Stop(string actor)
        {
            if (rig.Steps.Actors.Contains(actor))
            {
                rig.Steps.StopActor(actor);
            }
        }

        private void Start(Func<CancellationToken, Task> command)
        {
            var caller = new CancellationTokenSource();
            _callers.Add(caller);
            _tasks.Add(rig.Steps.Start(() => command(caller.Token)));
        }

        private string Pick(params string[] from) => from[_random.Next(from.Length)];
    }
}
