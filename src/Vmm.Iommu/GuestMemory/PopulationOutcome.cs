using Vmm.Iommu.Results;

namespace Vmm.Iommu.GuestMemory;

/// <summary>How a population ended.</summary>
/// <param name="Done">Bytes populated.</param>
/// <param name="Total">Bytes that were to be populated.</param>
/// <param name="Errno">The first error; none where there was none.</param>
/// <param name="At">The slice that met it; null where there was none.</param>
/// <param name="IsCanceled">True where it was taken back before the end.</param>
public sealed record PopulationOutcome(ulong Done, ulong Total, Errno Errno, RamPiece? At, bool IsCanceled)
{
    /// <summary>True when all of it is populated.</summary>
    public bool IsDone => Errno.IsNone && !IsCanceled;

    /// <summary>
    /// True where the kernel cannot populate this memory: it is older than 5.14, or the memory is a device's, or may not be
    /// accessed so. Nothing is wrong with the memory; pinning will find its pages one by one.
    /// </summary>
    public bool IsNotSupported => Errno == Errno.EINVAL;

    /// <summary>What happened and what helps, in one sentence.</summary>
    public string Words => Errno.Number switch
    {
        0 when IsCanceled => $"populating memory was taken back after {Done} of {Total} bytes.",
        0 => $"{Total} bytes of memory are populated.",
        9 => $"{At} was given back meanwhile.",
        12 => $"{At} cannot be populated: {Errno}. Free memory on the host or give the guest less; for huge pages, reserve more of them (vm.nr_hugepages).",
        14 => $"{At} cannot be populated: {Errno}. The file behind it is shorter than the mapping, or holds no more pages: make it as long as the block, and give its file system room.",
        22 => $"{At} cannot be populated: the kernel does not support it for this memory (madvise with MADV_POPULATE, from Linux 5.14).",
        133 => $"{At} cannot be populated: {Errno}. Take the memory out of use and give the guest other memory.",
        _ => $"{At} cannot be populated: {Errno}.",
    };
}
