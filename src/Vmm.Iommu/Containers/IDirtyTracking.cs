using Vmm.Iommu.Addressing;
using Vmm.Iommu.Results;

namespace Vmm.Iommu.Containers;

/// <summary>
/// Which pages devices have written, as a migration of the VM needs to know. Only bits of mapped pages mean anything. Results are the
/// kernel's own; the holder of the container's turn calls it.
/// </summary>
public interface IDirtyTracking
{
    /// <summary>Starts or stops; both may be repeated. A start on iommufd forgets what was written before.</summary>
    /// <returns>EOPNOTSUPP where an IOMMU of a device inside cannot, EACCES on type1 version 1: then nothing is tracked.</returns>
    SysResult SetDirtyTracking(bool isOn);

    /// <summary>Which pages of a range were written since the last question.</summary>
    /// <param name="range">IOVAs; multiples of the page; cuts no mapping.</param>
    /// <param name="pageSize">Bytes that a bit stands for; on type1 the smallest page.</param>
    /// <param name="bitmap">Zeroed; 8 bytes for each 64 pages begun. The first page is bit 0 of byte 0.</param>
    SysResult GetDirtyBitmap(IovaRange range, ulong pageSize, Span<byte> bitmap);

    /// <summary>Unmaps the whole mappings of a range, and says which of their pages were written.</summary>
    /// <param name="range">IOVAs; multiples of the page; cuts no mapping.</param>
    /// <param name="pageSize">Bytes that a bit stands for; on type1 the smallest page.</param>
    /// <param name="bitmap">As in <see cref="GetDirtyBitmap"/>.</param>
    /// <param name="unmapped">Bytes unmapped; 0 on failure.</param>
    SysResult UnmapDirty(IovaRange range, ulong pageSize, Span<byte> bitmap, out ulong unmapped);
}
