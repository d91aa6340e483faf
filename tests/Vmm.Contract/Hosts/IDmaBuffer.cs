using Vmm.Iommu.Addressing;

namespace Vmm.Contract.Hosts;

/// <summary>Memory inside a device, which the device fills from memory and writes to memory through its IOMMU.</summary>
public interface IDmaBuffer
{
    /// <summary>Lets the device read memory into its buffer. A fault ends it silently, as with hardware.</summary>
    /// <param name="source">First byte; the last one lies below 2^28.</param>
    /// <param name="length">Bytes; at most 2048.</param>
    void Load(Iova source, int length);

    /// <summary>Lets the device write its buffer to memory. A fault ends it silently.</summary>
    /// <param name="target">First byte; the last one lies below 2^28.</param>
    /// <param name="length">Bytes; at most 2048.</param>
    void Store(Iova target, int length);
}
