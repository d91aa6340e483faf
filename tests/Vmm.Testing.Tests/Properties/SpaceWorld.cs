using Vmm.Actors;
using Vmm.Actors.Client;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.Containers;
using Vmm.Iommu.Containers.Type1;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.Planning;
using Vmm.Iommu.Topology;
using Vmm.Testing.Emulation;
using Vmm.Testing.Stepping;

namespace Vmm.Testing.Tests.Properties;

/// <summary>A generated space, in a VM on the emulated kernel, in one order of events. Disposing releases all of it and counts that nothing is left.</summary>
internal sealed class SpaceWorld : IDisposable
{
    // Longer than any section of a generated view; sparse.
    private const ulong BlockLength = 1UL << 30;

    private readonly SteppedSystem _steps = SteppedSystem.Create(1);
    private readonly VmmClient _vmm;

    public SpaceWorld(SpaceCase input)
    {
        Policy = input.Policy;
        Kernel = new EmulatedKernel(EmulatedHost.Build(input.Host.Build), new EmulatedKernelOptions { DmaEntryLimit = input.EntryLimit });
        _vmm = VmmClient.Create(_steps.System, new VmmSettings(Kernel.ToHostKernel(), _steps.Workers, new NoRamDiscard()));
        Space = Do(() => _vmm.CreateAddressSpaceAsync("memory"));
        Ram = RamBlock.Allocate(Kernel, "ram", BlockLength);
        Bar = RamBlock.Allocate(Kernel, "bar", BlockLength);
        View = input.ToView(Ram, Bar);
        Topology = Do(() => _vmm.GetTopologyAsync());
        if (input.Holes.Count > 0)
        {
            Assert.True(Do(() => Space.ChangeRulesAsync(rules => rules with { Holes = input.Holes })).IsChanged);
        }

        Do(() => Space.CommitViewAsync(View));
    }

    public AttachPolicy Policy { get; }

    public EmulatedKernel Kernel { get; }

    public IAddressSpace Space { get; }

    public HostTopology Topology { get; }

    public RamBlock Ram { get; }

    public RamBlock Bar { get; }

    public FlatView View { get; }

    public AddressSpaceState State => Do(() => Space.GetStateAsync());

    public T Do<T>(Func<Task<T>> work) => _steps.Settle(work);

    public PlanOutcome Plan(string device, bool probe) => Do(() => Space.PlanAttachAsync(device, Policy with { Probe = probe }));

    public AttachOutcome Attach(string device) => Do(() => Space.AttachDeviceAsync(device, Policy));

    /// <summary>What the kernel says of a device's group in an empty container; null for one without an IOMMU, which is never asked.</summary>
    public ContainerProbe? Probe(HostDevice device) => device is { IsMediated: false, Group: { } group } ? Type1Probe.Query(Kernel, group.Value) : null;

    public void Dispose()
    {
        _steps.Settle(() => _vmm.DisposeAsync().AsTask(), "the VM's disposal");
        Assert.Equal((0, 0), (Ram.Leases, Bar.Leases));
        Ram.Retire();
        Bar.Retire();
        Assert.True(Kernel.Census().IsEmpty, Kernel.Census().ToString());
        _steps.Dispose();
        Kernel.Dispose();
    }
}
