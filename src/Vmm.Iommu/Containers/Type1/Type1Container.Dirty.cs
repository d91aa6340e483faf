using Vmm.Iommu.Addressing;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;

namespace Vmm.Iommu.Containers.Type1;

/// <content>Written pages, and new process addresses for a live update.</content>
public sealed partial class Type1Container : IDirtyTracking
{
    /// <inheritdoc/>
    /// <remarks>
    /// KERNEL: there is no hardware behind it: while a group inside pins nothing by itself, as a PCI device does, every mapped page counts
    /// as written.
    /// </remarks>
    public SysResult SetDirtyTracking(bool isOn) => VfioCalls.IommuLogDirtyPages(_devices, Descriptor, isOn);

    /// <inheritdoc/>
    public SysResult GetDirtyBitmap(IovaRange range, ulong pageSize, Span<byte> bitmap) =>
        VfioCalls.IommuGetDirtyBitmap(_devices, Descriptor, range, pageSize, bitmap);

    /// <inheritdoc/>
    public SysResult UnmapDirty(IovaRange range, ulong pageSize, Span<byte> bitmap, out ulong unmapped) =>
        VfioCalls.IommuUnmapDmaDirty(_devices, Descriptor, range, pageSize, bitmap, out unmapped);

    /// <summary>
    /// Takes the process addresses of all mappings, which stay mapped and pinned: the process may go, and the one that comes gives each
    /// mapping its address. Until then no group can be attached. Needs <see cref="HasUpdateVaddr"/>.
    /// </summary>
    /// <param name="invalid">Bytes of the mappings that now have no address; 0 on failure.</param>
    /// <returns>EINVAL where a mapping has none already, EBUSY with a mediated device inside: nothing changed then.</returns>
    public SysResult InvalidateAddresses(out ulong invalid) => VfioCalls.IommuInvalidateAddresses(_devices, Descriptor, out invalid);

    /// <summary>Gives a mapping whose address was taken its new one.</summary>
    /// <param name="range">The whole mapping.</param>
    /// <param name="address">Process address of the same memory.</param>
    /// <returns>ENOENT without such a mapping, EINVAL where it has its address.</returns>
    public SysResult ReplaceAddress(IovaRange range, HostAddress address) =>
        VfioCalls.IommuReplaceAddress(_devices, Descriptor, range, address);
}
