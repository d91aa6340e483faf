using Vmm.Iommu.Results;

namespace Vmm.Iommu.Containers;

/// <summary>How the release of a device ended. Where something still holds it, the same call later goes on.</summary>
/// <param name="IsReleased">True when every BAR is unmapped and the descriptor is closed.</param>
/// <param name="Holders">What still holds it, in words: BARs with leases of DMA mappings or pins, or that munmap would not take back. Empty once released.</param>
/// <param name="Errno">What the kernel answered to an unmap, or to a close that released it all the same; none when all went well.</param>
public sealed record DeviceRelease(bool IsReleased, IReadOnlyList<string> Holders, Errno Errno);
