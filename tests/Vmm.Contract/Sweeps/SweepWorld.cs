using Vmm.Actors;
using Vmm.Actors.Client;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.Planning;
using Vmm.Iommu.Results;
using Vmm.Testing.Decorators;

namespace Vmm.Contract.Sweeps;

/// <summary>
/// A VM on a machine whose devices have parts: the first has a BAR that is shown to the others; the second has a sibling in its
/// group; one that stands apart, where there is one, needs a container of its own as soon as the BAR is shown.
/// </summary>
internal sealed class SweepWorld : IDisposable
{
    public const string First = "first";
    public const string Second = "second";
    public const string Sibling = "sibling";
    public const string Apart = "apart";

    private readonly IAddressSpace _other;
    private readonly RamBlock _dimm;

    public SweepWorld(ISweepHost host, BackendChoice backend, int seed = 1, MappingPlanMode mode = MappingPlanMode.Steady)
    {
        Host = host;
        Discard = new Switch();
        Rig = new SweepVm(host, backend, seed, mode, Discard);
        _other = Rig.Do(() => Rig.Vmm.CreateAddressSpaceAsync("other"));
        _dimm = Rig.Block("sweep dimm", 1 << 20);
        Rig.Commit(Small);
    }

    /// <summary>A second container may be made on both paths of the kernel.</summary>
    public static AttachPolicy Policy { get; } = new() { AllowSecondContainer = true };

    public ISweepHost Host { get; }

    /// <summary>The devices that the machine has, by part.</summary>
    public IEnumerable<string> Parts => new[] { First, Second, Sibling, Apart }.Where(part => Host.Device(part) is not null);

    public SweepVm Rig { get; }

    public FaultingKernel Faults => Rig.Faults;

    public Switch Discard { get; }

    public List<IDeviceBinding> Bindings { get; } = [];

    public IReadOnlyList<RamBlock> Blocks => [Rig.Ram, _dimm];

    /// <summary>Low memory and some above 1 MiB: two mappings.</summary>
    public FlatView Small => new([SweepVm.Section(0, Rig.Ram, 0, 0xa_0000), SweepVm.Section(0x10_0000, Rig.Ram, 0x10_0000, 0x40_0000)]);

    /// <summary>The same with a module plugged in, and low memory gone: removals and additions.</summary>
    public FlatView Changed => new([SweepVm.Section(0x10_0000, Rig.Ram, 0x10_0000, 0x40_0000, readOnly: true), SweepVm.Section(0x1000_0000, _dimm), .. Shown()]);

    /// <summary>The view now with a module plugged in.</summary>
    public FlatView WithDimm => new([.. Small, SweepVm.Section(0x1000_0000, _dimm), SweepVm.Section(0x2000_0000, _dimm), .. Shown()]);

    public Outcome Attach(string part) => Try(() =>
    {
        var outcome = Rig.Do(() => Rig.Space.AttachDeviceAsync(Name(part), Policy));
        if (outcome.IsAttached)
        {
            Bindings.Add(outcome.Binding);
        }

        return Outcome.Of(outcome.Refusal);
    });

    public Outcome Detach(string part) => Try(() =>
    {
        var binding = Bindings.Single(candidate => candidate.Device == Name(part));
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

    public Outcome Plan(string part) => Try(() => Outcome.Of(Rig.Do(() => Rig.Space.PlanAttachAsync(Name(part))).Refusal));

    /// <summary>Maps the first BAR of an attached device and shows it to the others.</summary>
    public Outcome ShowBar(string part)
    {
        var binding = Bindings.Single(candidate => candidate.Device == Name(part));
        var mapped = binding.Hardware.MapRegion(0);
        return mapped.IsOk ? Commit(new FlatView([.. Small, .. Shown()])) : new Outcome(IsDone: false, $"{mapped.Errno}", "");
    }

    public void Attached(params string[] parts)
    {
        foreach (var part in parts)
        {
            Assert.True(Attach(part).IsDone);
        }
    }

    /// <summary>Two devices: in two containers, one of which shows the BAR while the other leaves it out; in one where no device needs its own.</summary>
    public void AttachedEverywhere()
    {
        Attached(First);
        Assert.True(ShowBar(First).IsDone);
        Attached(Other);
    }

    /// <summary>The device that goes with the first: the one apart where there is one.</summary>
    public string Other => Host.Device(Apart) is null ? Second : Apart;

    /// <summary>Whether another space could have a device's group.</summary>
    public bool IsLeased(string part) =>
        Rig.Do(() => _other.PlanAttachAsync(Name(part))).Refusal?.Reason == RefusalReason.GroupInAnotherSpace;

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

    /// <summary>A device's name, by its part.</summary>
    public string Name(string part) => Host.Device(part) ?? throw new InvalidOperationException($"The machine of the sweep has no device that is {part}.");

    private IEnumerable<MemorySection> Shown() => Bindings
        .SelectMany(binding => binding.Hardware.Mapped)
        .Select(bar => SweepVm.Section(Host.BarAt, bar.Block, kind: SectionKind.RamDevice));

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
