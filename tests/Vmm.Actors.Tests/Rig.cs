using Vmm.Actors.Client;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.HotPath;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Planning;
using Vmm.Iommu.Results;
using Vmm.Testing.Emulation;
using Vmm.Testing.Stepping;

namespace Vmm.Actors.Tests;

/// <summary>A VM on an emulated host, in seeded order. Disposing it releases everything and counts that nothing is left.</summary>
internal sealed class Rig : IDisposable
{
    private readonly List<RamBlock> _blocks = [];
    private bool _isReleased;

    public Rig(Action<EmulatedHostBuilder>? host = null, int seed = 1, IRamDiscard? discard = null, Func<HostKernel, HostKernel>? wrap = null, IRingWorkers? workers = null, MappingPlanMode mode = MappingPlanMode.Steady, BackendChoice backend = BackendChoice.Auto)
    {
        Kernel = new EmulatedKernel(EmulatedHost.Build(host ?? TwoGroups));
        Steps = SteppedSystem.Create(seed);
        var kernel = Kernel.ToHostKernel();
        var settings = new VmmSettings(wrap?.Invoke(kernel) ?? kernel, workers ?? Steps.Workers, discard ?? new NoRamDiscard()) { Mode = mode, Backend = backend };
        Vmm = VmmClient.Create(Steps.System, settings);
        Space = Do(() => Vmm.CreateAddressSpaceAsync("memory"));
        Ram = Block("ram", 16 << 20);
    }

    public EmulatedKernel Kernel { get; }

    public SteppedSystem Steps { get; }

    public IVmm Vmm { get; }

    public IAddressSpace Space { get; }

    public RamBlock Ram { get; }

    public FlatView View => new([Section(0, Ram)]);

    /// <summary>Groups 5 and 6, one device each with a BAR, and the interrupt window.</summary>
    public static void TwoGroups(EmulatedHostBuilder host) => host
        .Group(5).Device("0000:05:00.0", driver: "vfio-pci", bars: [0x4000]).Msi()
        .Group(6).Device("0000:06:00.0", driver: "vfio-pci", bars: [0x4000]).Msi();

    public static MemorySection Section(ulong start, RamBlock block, ulong offset = 0, ulong? length = null, bool readOnly = false, SectionKind kind = SectionKind.Ram) =>
        new(IovaRange.FromLength(start, length ?? (block.Length - offset)), kind, block.Name, offset, readOnly, block, offset);

    public RamBlock Block(string name, ulong length)
    {
        var block = RamBlock.Allocate(Kernel, name, length);
        _blocks.Add(block);
        return block;
    }

    public T Do<T>(Func<Task<T>> work) => Steps.Settle(work);

    public AttachOutcome Attach(string device) => Do(() => Space.AttachDeviceAsync(device));

    public ViewReport Commit(FlatView view) => Do(() => Space.CommitViewAsync(view));

    public bool Reaches(string device, ulong iova)
    {
        Span<byte> sent = [1, 2, 3, 4];
        return Kernel.DmaWrite(device, new Iova(iova), sent).IsCompleted;
    }

    public ContainerReport OnlyContainer() => Assert.Single(Do(() => Space.GetStateAsync()).Containers);

    /// <summary>Disposes the VM and counts: no descriptor, mapping, pin or lease is left.</summary>
    public void Release()
    {
        _isReleased = true;
        Steps.Settle(() => Vmm.DisposeAsync().AsTask(), "the VM's disposal");
        Assert.All(_blocks, block => Assert.Equal(0, block.Leases));
        _blocks.ForEach(block => block.Retire());
        Assert.True(Kernel.Census().IsEmpty, Kernel.Census().ToString());
    }

    public void Dispose()
    {
        if (!_isReleased)
        {
            Release();
        }

        Steps.Dispose();
        Kernel.Dispose();
    }

    /// <summary>A VMM that refuses to stop discarding.</summary>
    internal sealed class StubbornDiscard : IRamDiscard
    {
        public int Allowed { get; private set; }

        public Task<SysResult> DisableAsync(CancellationToken cancellationToken) => Task.FromResult<SysResult>(Errno.EBUSY);

        public Task<SysResult> EnableAsync(CancellationToken cancellationToken)
        {
            Allowed++;
            return Task.FromResult(SysResult.Ok);
        }
    }
}
