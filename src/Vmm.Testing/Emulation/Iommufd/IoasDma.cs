using Vmm.Iommu.Addressing;

namespace Vmm.Testing.Emulation.Iommufd;

/// <summary>Finds the memory behind an IOVA of an IOAS.</summary>
internal static class IoasDma
{
    public static DmaStep Step(EmulatedDevice device, HwptObject? table, IoasModel ioas, Iova iova, int wanted, bool isWrite)
    {
        // KERNEL: what was revoked is taken out of the page tables, and the mapping stays without it.
        if (ioas.AreaAt(iova) is not { Pages.Source.IsRevoked: false } area)
        {
            return new(DmaFault.NotMapped);
        }

        // KERNEL: a driver's write needs WRITE alone here, where a type1 container wants READ as well.
        if (isWrite ? !area.Access.HasFlag(DmaAccess.Write) : !area.Access.HasFlag(DmaAccess.Read))
        {
            return new(isWrite ? DmaFault.NoWriteAccess : DmaFault.NoReadAccess);
        }

        var length = (int)Math.Min((ulong)wanted, area.Range.Last.Value - iova.Value + 1);
        if (area.Pages.At(area.ByteAt(iova)) is not { } found)
        {
            return Borrow(area, iova, length, isWrite);
        }

        return found.Segment.Block is null
            ? new(DmaFault.NoMemoryBehind)
            : new(DmaFault.None, found.Segment, found.Offset, (int)Math.Min((ulong)length, found.Segment.Length - found.Offset),
                device.IsMediated || table is null ? null : (at, bytes) => table.NoteWrite(new Iova(at), bytes));
    }

    /// <summary>Without a page table nothing is pinned: a driver reaches the page for the time of the access.</summary>
    private static DmaStep Borrow(IoasArea area, Iova iova, int length, bool isWrite)
    {
        var at = area.ByteAt(iova);
        var inPage = at % IoasPages.PageSize;
        var reached = area.Pages.Source.Pin(at - inPage, IoasPages.PageSize, isWrite);
        if (reached is { IsWhole: true, Segments: [{ Block: not null } page] })
        {
            return new(DmaFault.None, page, inPage, (int)Math.Min((ulong)length, IoasPages.PageSize - inPage), Borrowed: reached.Segments);
        }

        reached.Release();
        return new(DmaFault.NoMemoryBehind);
    }
}
