using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;

namespace Vmm.Testing.Scenarios.Machines;

/// <summary>What a scenario asks of the machine that it runs on. Ended by disposing; it is then as it was found.</summary>
internal interface IScenarioMachine : IDisposable
{
    /// <summary>Its kernel, behind a recorder where there is one: faults that a step asks for are no answers of it.</summary>
    HostKernel Kernel { get; }

    /// <summary>False where populating memory by threads would take time outside the seeded order; pinning then faults it in.</summary>
    bool Populates { get; }

    /// <summary>A block of guest memory.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="backing">What the kernel finds behind its addresses.</param>
    RamBlock Allocate(string name, ulong length, SectionBacking backing);

    /// <summary>Changes the host.</summary>
    /// <returns>What the host's kernel answered, in words and as an errno.</returns>
    (string Words, Errno Errno) Change(HostChange change);

    /// <summary>A device writes to memory.</summary>
    DmaAnswer DmaWrite(DmaTarget target, ReadOnlySpan<byte> bytes);

    /// <summary>A device reads memory.</summary>
    DmaAnswer DmaRead(DmaTarget target, Span<byte> bytes);

    /// <summary>What the kernel holds for the VMM now; null in it where it does not say.</summary>
    KernelHoldings Held();

    /// <summary>What is left when everything has been released. A recording sees no more of the host from then on.</summary>
    MachineRemains Remains();
}
