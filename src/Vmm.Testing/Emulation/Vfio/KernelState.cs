using Vmm.Iommu.Kernel;
using Vmm.Testing.Emulation.Iommufd;
using Vmm.Testing.Emulation.Memory;
using Vmm.Testing.Emulation.Type1;

namespace Vmm.Testing.Emulation.Vfio;

/// <summary>What the objects of one emulated kernel share.</summary>
internal sealed record KernelState(
    EmulatedHost Host,
    EmulatedKernelOptions Options,
    DescriptorTable Files,
    EmulatedMemory Memory,
    LockedMemory Locked,
    LockedMemory UserLocked,
    LinuxKernel Linux)
{
    /// <summary>Open iommufds, and those that devices or groups keep.</summary>
    public List<IommufdContext> Iommufds { get; } = [];
}
