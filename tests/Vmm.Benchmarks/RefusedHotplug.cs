using System.Diagnostics;
using Akka.Actor;
using Akka.Configuration;
using Vmm.Actors;
using Vmm.Actors.Client;
using Vmm.Benchmarks.Measuring;
using Vmm.Benchmarks.Results;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.HotPath;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Topology;
using Vmm.Testing.Decorators;

namespace Vmm.Benchmarks;

/// <summary>
/// A hotplug that cannot succeed, on this machine's own kernel: RAM of 3 GiB lies over the MSI window of the machine's IOMMU, a mediated
/// device is in the container, and a PCI device is to join. The same as the capture resv-conflict-mdev-then-hotplug-iommufd.
/// </summary>
internal static class RefusedHotplug
{
    private const int Times = 9;

    private static readonly IovaRange Ram = IovaRange.FromLength(0x4000_0000, 0xc000_0000);

    /// <summary>By each backend: the first time, when nothing of the way is compiled, and again.</summary>
    /// <param name="mediated">UUID of a mediated device.</param>
    /// <param name="address">A PCI device bound to vfio-pci.</param>
    public static IReadOnlyList<Row> Rows(string mediated, string address) =>
    [
        new("kernel/refused-hotplug-iommufd", _ => Task.Run(() => TryAsync(BackendChoice.Iommufd, mediated, address)).GetAwaiter().GetResult()),
        new("kernel/refused-hotplug-type1", _ => Task.Run(() => TryAsync(BackendChoice.Type1, mediated, address)).GetAwaiter().GetResult()),
    ];

    private static async Task<IEnumerable<Figure>> TryAsync(BackendChoice backend, string mediated, string address)
    {
        var kernel = LinuxKernel.Create();
        var recording = new RecordingKernel(kernel);
        using var system = ActorSystem.Create("refused", ConfigurationFactory.ParseString(PlanningBenchmarks.Quiet));
        await using var vmm = VmmClient.Create(system, new VmmSettings(recording.ToHostKernel(), new IoctlWorkers(), new NoRamDiscard()) { Backend = backend });
        var space = await vmm.CreateAddressSpaceAsync("memory");
        var ram = RamBlock.Allocate(kernel.Memory, "mach-virt.ram", (ulong)Ram.Length);
        await space.CommitViewAsync(new FlatView([new MemorySection(Ram, SectionKind.Ram, ram.Name, 0, false, ram, 0)]));
        if (await space.AttachDeviceAsync(mediated) is { IsAttached: false } refused)
        {
            throw new InvalidOperationException($"The mediated device is refused: {refused.Refusal}");
        }

        var (pinned, calls, times) = (Pinned(kernel), recording.Calls.Count, new List<double>());
        for (var time = 0; time < Times; time++)
        {
            var start = Stopwatch.GetTimestamp();
            var outcome = await space.AttachDeviceAsync(address);
            times.Add(Stopwatch.GetElapsedTime(start).TotalNanoseconds);
            if (outcome.Refusal is null)
            {
                throw new InvalidOperationException("The device is attached, and there was nothing to measure.");
            }
        }

        var ioctls = recording.Calls.Skip(calls).Count(call => call.Call.StartsWith("VFIO_", StringComparison.Ordinal) || call.Call.StartsWith("IOMMU_", StringComparison.Ordinal));
        var seen = $"{ioctls} ioctls; before {pinned}, after {Pinned(kernel)}";
        await space.DisposeAsync();
        ram.Retire();
        return
        [
            Figure.Of("refused, the first time", "ns", times[..1], Aim.None),
            Figure.Of("refused, then", "ns", times[1..], Aim.AtMost(100e6, "< 100 ms")) with { Note = seen },
        ];
    }

    private static string Pinned(HostKernel kernel)
    {
        var rights = ProcessRights.Read(kernel.Proc);
        return $"{rights.Locked!.Value >> 10} KiB locked, {rights.Pinned!.Value >> 10} KiB pinned";
    }
}
