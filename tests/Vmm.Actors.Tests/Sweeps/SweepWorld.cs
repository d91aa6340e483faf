using Vmm.Actors.Client;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.Planning;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Results;
using Vmm.Testing.Decorators;
using Vmm.Testing.Emulation;

namespace Vmm.Actors.Tests.Sweeps;

/// <summary>
/// A VM on a host of three groups, whose kernel calls can be made to fail. Groups 5 and 6 go together, and 6 has two devices and narrows the windows; 7 reserves the place where
/// the BAR of group 5's device is shown, so that it needs a container of its own.
/// </summary>
internal sealed class SweepWorld : IDisposable
{
    public const string First = "0000:05:00.0";
    public const string Second = "0000:06:00.0";
    public const string Sibling = "0000:06:00.1";
    public const string Apart = "0000:07:00.0";

    private const ulong BarAt = 0x8000_0000;
    private readonly IAddressSpace _other;
    private readonly RamBlock _dimm;

    public SweepWorld(BackendChoice backend, int seed = 1, MappingPlanMode mode = MappingPlanMode.Steady)
    {
        FaultingKernel? faults = null;
        Discard = new Switch();
        Rig = new Rig(Host, seed, Discard, wrap: kernel => (faults = new FaultingKernel(kernel)).ToHostKernel(), mode: mode, backend: backend);
        Faults = faults!;
        _other = Rig.Do(() => Rig.Vmm.CreateAddressSpaceAsync("other"));
        _dimm = Rig.Block("dimm", 1 << 20);
        Rig.Commit(Small);
    }

    /// <summary>A second container may be made on both paths of the kernel.</summary>
    public static AttachPolicy Policy { get; } = new() { AllowSecondContainer = true };

    public static IReadOnlyList<string> Devices { get; } = [First, Second, Sibling, Apart];

    public Rig Rig { get; }

    public FaultingKernel Faults { get; }

    public Switch Discard { get; }

    public List<IDeviceBinding> Bindings { get; } = [];

    public IReadOnlyList<RamBlock> Blocks => [Rig.Ram, _dimm];

    /// <summary>Low memory and some above 1 MiB: two mappings.</summary>
    public FlatView Small => new([Rig.Section(0, Rig.Ram, 0, 0xa_0000), Rig.Section(0x10_0000, Rig.Ram, 0x10_0000, 0x40_0000)]);

    /// <summary>The same with a module plugged in, and low memory gone: removals and additions.</summary>
    public FlatView Changed => new([Rig.Section(0x10_0000, Rig.Ram, 0x10_0000, 0x40_0000, readOnly: true), Rig.Section(0x1000_0000, _dimm), .. Shown()]);

    /// <summary>The view now with a module plugged in.</summary>
    public FlatView WithDimm => new([.. Small, Rig.Section(0x1000_0000, _dimm), Rig.Section(0x2000_0000, _dimm), .. Shown()]);

    public static void Host(EmulatedHostBuilder host) => host
        .Group(5).Device(First, driver: "vfio-pci", bars: [0x4000]).Msi()
        .Group(6).Device(Second, driver: "vfio-pci", bars: [0x4000]).Device(Sibling, driver: "vfio-pci").Msi().Reserved(ReservedRegionKind.Reserved, IovaRange.FromLength(0x9000_0000, 0x1000))
        .Group(7).Device(Apart, driver: "vfio-pci", bars: [0x4000]).Msi().Reserved(ReservedRegionKind.Reserved, IovaRange.FromLength(BarAt, 0x1000));

    public Outcome Attach(string device) => Try(() =>
    {
        var outcome = Rig.Do(() => Rig.Space.AttachDeviceAsync(device, Policy));
        if (outcome.IsAttached)
        {
            Bindings.Add(outcome.Binding);
        }

        return Outcome.Of(outcome.Refusal);
    });

    public Outcome Detach(string device) => Try(() =>
    {
        var binding = Bindings.Single(candidate => candidate.Device == device);
        var outcome = Rig.Do(() => binding.DetachAsync());
        if (outcome.IsDetached)
        {
            Bindings.Remove(binding);
        }

        return new Outcome(outcome.IsDetached, outcome.Pending ?? "", outcome.Pending ?? "");
    });

    public Outcome Prepare(FlatView view) => Try(() => Outcome.Of(Rig.Do(() => Rig.Space.PrepareViewAsync(view)).Refusal));

    public Outcome Commit(FlatView view) => Try(() =>
    {
        var report = Rig.Commit(view);
        var left = string.Join(' ', report.Holes.Concat(report.Skipped.Where(IsTheKernels).Select(section => section.Reason)));
        return new Outcome(IsDone: true, left, left);
    });

    public Outcome Close() => Try(() =>
    {
        Bindings.Clear();
        Rig.Steps.Settle(() => Rig.Space.DisposeAsync().AsTask());
        return Outcome.Done;
    });

    public Outcome Plan(string device) => Try(() => Outcome.Of(Rig.Do(() => Rig.Space.PlanAttachAsync(device)).Refusal));

    /// <summary>Maps the first BAR of an attached device and shows it to the others.</summary>
    public Outcome ShowBar(string device)
    {
        var binding = Bindings.Single(candidate => candidate.Device == device);
        var mapped = binding.Hardware.MapRegion(0);
        return mapped.IsOk ? Commit(new FlatView([.. Small, .. Shown()])) : new Outcome(IsDone: false, $"{mapped.Errno}", "");
    }

    public void Attached(params string[] devices)
    {
        foreach (var device in devices)
        {
            Assert.True(Attach(device).IsDone);
        }
    }

    /// <summary>Two containers: one shows the BAR, the other leaves it out.</summary>
    public void AttachedInTwoContainers()
    {
        Attached(First);
        Assert.True(ShowBar(First).IsDone);
        Attached(Apart);
    }

    /// <summary>Whether another space could have a device's group.</summary>
    public bool IsLeased(string device) =>
        Rig.Do(() => _other.PlanAttachAsync(device)).Refusal?.Reason == RefusalReason.GroupInAnotherSpace;

    /// <summary>Ends the VM; what it leaves, in words, and nothing where all is released.</summary>
    public string? Release()
    {
        try
        {
            Rig.Release();
            return null;
        }
        catch (Exception fault) when (fault is IommuException or Xunit.Sdk.XunitException)
        {
            return fault.Message.ReplaceLineEndings(" ");
        }
    }

    public void Dispose() => Rig.Dispose();

    private IEnumerable<MemorySection> Shown() => Bindings
        .SelectMany(binding => binding.Hardware.Mapped)
        .Select(bar => Rig.Section(BarAt, bar.Block, kind: SectionKind.RamDevice));

    /// <summary>Left out because a call failed, and not because of a rule.</summary>
    private static bool IsTheKernels(SkippedSection section) =>
        section.Reason.Contains("not supported", StringComparison.Ordinal) || section.Reason.Contains("no dma-buf", StringComparison.Ordinal);

    private static Outcome Try(Func<Outcome> act)
    {
        try
        {
            return act();
        }
        catch (IommuException fault)
        {
            return new Outcome(IsDone: false, fault.Message, fault.Message);
        }
    }

    /// <summary>How an operation ended, and what it says is left undone.</summary>
    internal sealed record Outcome(bool IsDone, string Words, string Left)
    {
        private const string LeftWords = "Left behind: ";

        public static readonly Outcome Done = new(IsDone: true, "", "");

        public static Outcome Of(Refusal? refusal)
        {
            if (refusal is null)
            {
                return Done;
            }

            var at = refusal.Words.IndexOf(LeftWords, StringComparison.Ordinal);
            return new Outcome(IsDone: false, refusal.Words, at < 0 ? "" : refusal.Words[(at + LeftWords.Length)..]);
        }
    }

    /// <summary>A VMM that stops discarding when asked to.</summary>
    internal sealed class Switch : IRamDiscard
    {
        public bool IsOff { get; private set; }

        public Task<SysResult> DisableAsync(CancellationToken cancellationToken) => Turn(off: true);

        public Task<SysResult> EnableAsync(CancellationToken cancellationToken) => Turn(off: false);

        private Task<SysResult> Turn(bool off)
        {
            IsOff = off;
            return Task.FromResult(SysResult.Ok);
        }
    }
}
