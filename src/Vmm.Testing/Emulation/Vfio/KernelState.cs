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

    /// <summary>Pages of 4 KiB that iommufds have pinned, whoever pays (VmPin). KERNEL: type1 pins without counting here, and a dma-buf has no pages.</summary>
    public ulong PinnedPages => Iommufds
        .SelectMany(context => context.Objects.All)
        .OfType<IoasObject>()
        .SelectMany(ioas => ioas.Model.Areas)
        .Select(area => area.Pages)
        .Distinct()
        .Where(pages => pages.Source.IsCharged)
        .Aggregate(0UL, (sum, pages) => sum + pages.PinnedPages);
}
