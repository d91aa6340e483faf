using Vmm.Iommu.Addressing;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;

namespace Vmm.Iommu.Containers.Iommufd;

/// <content>Written pages: every page table has its own, and a page is written where any says so.</content>
public sealed partial class IommufdContainer : IDirtyTracking
{
    private bool _isTracking;

    /// <summary>True where every device inside writes through a page table that can note it.</summary>
    public bool CanTrackDirty => _direct.Users.Count == 0 && TablesInUse.Any() && TablesInUse.All(table => table.HasDirtyTracking);

    /// <inheritdoc/>
    public SysResult SetDirtyTracking(bool isOn)
    {
        if (isOn && !CanTrackDirty)
        {
            return Errno.EOPNOTSUPP;
        }

        foreach (var table in TablesInUse.Where(table => table.HasDirtyTracking))
        {
            var set = IommufdCalls.HwptSetDirtyTracking(_devices, Descriptor, table.Id, isOn);
            if (!set.IsOk)
            {
                return isOn ? UndoTracking(set) : set;
            }
        }

        _isTracking = isOn;
        return SysResult.Ok;
    }

    /// <inheritdoc/>
    public SysResult GetDirtyBitmap(IovaRange range, ulong pageSize, Span<byte> bitmap) => GetDirtyBitmap(range, pageSize, bitmap, flags: 0);

    /// <inheritdoc/>
    /// <remarks>Two calls: what a device writes between them is lost, so its driver stops it first. QEMU: does the same.</remarks>
    public SysResult UnmapDirty(IovaRange range, ulong pageSize, Span<byte> bitmap, out ulong unmapped)
    {
        unmapped = 0;
        var asked = GetDirtyBitmap(range, pageSize, bitmap, IommufdUapi.DirtyBitmapNoClear);
        return asked.IsOk ? Unmap(range, out unmapped) : asked;
    }

    private SysResult GetDirtyBitmap(IovaRange range, ulong pageSize, Span<byte> bitmap, uint flags)
    {
        if (!_isTracking)
        {
            return Errno.EINVAL;
        }

        foreach (var table in TablesInUse)
        {
            var asked = IommufdCalls.HwptGetDirtyBitmap(_devices, Descriptor, table.Id, flags, range, pageSize, bitmap);
            if (!asked.IsOk)
            {
                return asked;
            }
        }

        return SysResult.Ok;
    }

    /// <summary>Off again everywhere, also where the start failed: a call may fail after its effect.</summary>
    private SysResult UndoTracking(SysResult failed)
    {
        foreach (var table in TablesInUse)
        {
            IommufdCalls.HwptSetDirtyTracking(_devices, Descriptor, table.Id, isOn: false);
        }

        return failed;
    }
}
