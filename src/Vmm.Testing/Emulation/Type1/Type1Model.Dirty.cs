using Vmm.Iommu.Addressing;
using Vmm.Iommu.Results;

namespace Vmm.Testing.Emulation.Type1;

internal sealed partial class Type1Model
{
    // KERNEL: real groups that never pinned through the mediated devices' interface. While there is one, type1 cannot know
    // what its devices write, and reports every mapped page as dirty.
    private int _groupsThatNeverPinned;

    /// <summary>True between START and STOP.</summary>
    public bool IsLogging { get; private set; }

    /// <summary>VFIO_IOMMU_DIRTY_PAGES with START; idempotent. Nothing is logged when one mapping is too large for a bitmap.</summary>
    public Errno StartLogging()
    {
        if (IsLogging)
        {
            return Errno.None;
        }

        foreach (var (_, entry) in _entries)
        {
            if (!DirtyBits.CanBegin(entry, SmallestPage))
            {
                return Errno.EINVAL;
            }
        }

        IsLogging = true;
        foreach (var (_, entry) in _entries)
        {
            DirtyBits.Begin(entry);
        }

        return Errno.None;
    }

    /// <summary>VFIO_IOMMU_DIRTY_PAGES with STOP; idempotent.</summary>
    public void StopLogging()
    {
        IsLogging = false;
        foreach (var (_, entry) in _entries)
        {
            entry.Dirty = null;
        }
    }

    /// <summary>VFIO_IOMMU_DIRTY_PAGES with GET_BITMAP, from the bitmap's page size on.</summary>
    public Errno GetDirty(IovaRange range, ulong bitmapPage, Span<byte> bitmap)
    {
        var mask = SmallestPage - 1;
        if (bitmapPage != SmallestPage
            || (range.Start.Value & mask) != 0
            || ((range.Last.Value + 1) & mask) != 0
            || !IsLogging
            || _entries.IsCutBy(range))
        {
            return Errno.EINVAL;
        }

        foreach (var (_, entry) in _entries.Overlapping(range))
        {
            if (!Report(entry, range.Start.Value, bitmap))
            {
                return Errno.EFAULT;
            }
        }

        return Errno.None;
    }

    /// <summary>A write of a mediated device's driver; KERNEL: only such writes leave a mark.</summary>
    public void NoteWrite(DmaEntry entry, ulong offset, ulong length)
    {
        if (IsLogging)
        {
            DirtyBits.MarkBytes(entry, SmallestPage, offset, length);
        }
    }

    private bool Report(DmaEntry entry, ulong queryIova, Span<byte> bitmap)
    {
        if (_groupsThatNeverPinned > 0 && entry.IsMapped)
        {
            DirtyBits.MarkAll(entry, SmallestPage);
        }

        return DirtyBits.Report(entry, queryIova, SmallestPage, bitmap);
    }
}
