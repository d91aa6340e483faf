using Vmm.Actors;
using Vmm.Actors.Client;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.Planning;
using Vmm.Testing.Decorators;
using Vmm.Testing.Stepping;

namespace Vmm.Contract.Sweeps;

/// <summary>A VM whose kernel calls can be made to fail, in seeded order. Releasing it counts that nothing is left.</summary>
internal sealed class SweepVm : IDisposable
{
    private readonly ISweepHost _host;
    private readonly List<RamBlock> _blocks = [];
    private bool _isEnded;

    public SweepVm(ISweepHost host, BackendChoice backend, int seed, MappingPlanMode mode, IRamDiscard discard)
    {
        _host = host;
        Faults = new FaultingKernel(host.Kernel);
        Steps = SteppedSystem.Create(seed);
        Vmm = VmmClient.Create(Steps.System, new VmmSettings(Faults.ToHostKernel(), Steps.Workers, discard) { Mode = mode, Backend = backend });
        Space = Do(() => Vmm.CreateAddressSpaceAsync("memory"));
        Ram = Block("sweep ram", 16 << 20);
    }

    public FaultingKernel Faults { get; }

    public SteppedSystem Steps { get; }

    public IVmm Vmm { get; }

    public IAddressSpace Space { get; }

    public RamBlock Ram { get; }

    public static MemorySection Section(ulong start, RamBlock block, ulong offset = 0, ulong? length = null, bool readOnly = false, SectionKind kind = SectionKind.Ram) =>
        new(IovaRange.FromLength(start, length ?? (block.Length - offset)), kind, block.Name, offset, readOnly, block, offset);

    public RamBlock Block(string name, ulong length)
    {
        var block = RamBlock.Allocate(_host.Kernel.Memory, name, length);
        _blocks.Add(block);
        return block;
    }

    public T Do<T>(Func<Task<T>> work) => Steps.Settle(work);

    public ViewReport Commit(FlatView view) => Do(() => Space.CommitViewAsync(view));

    /// <summary>Disposes the VM and counts: no descriptor, mapping, pin or lease is left.</summary>
    public void Release()
    {
        End();
        Assert.All(_blocks, block => Assert.Equal(0, block.Leases));
        _blocks.ForEach(block => block.Retire());
        Assert.Null(_host.Left());
    }

    public void Dispose()
    {
        // A trial that failed half way must not hold the machine's devices from the next one.
        if (!_isEnded)
        {
            End();
        }

        Steps.Dispose();
        _host.Dispose();
    }

    private void End()
    {
        _isEnded = true;
        Steps.Settle(() => Vmm.DisposeAsync().AsTask(), "the VM's disposal");
    }
}
