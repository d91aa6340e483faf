using Vmm.Iommu.Addressing;
using Vmm.Iommu.Mappings;
using Vmm.Iommu.Results;

namespace Vmm.Testing.Emulation.Iommufd;

/// <summary>
/// One IOAS: what is mapped, what is reserved and allowed, which page tables hold it. Every check of Linux in Linux' order.
/// Guarded by the kernel's gate; knows nothing of descriptors and ids.
/// </summary>
internal sealed partial class IoasModel
{
    private const ulong PageSize = IoasPages.PageSize;
    private readonly IovaRangeMap<IoasArea> _areas = new();

    /// <summary>Mappings now.</summary>
    public int AreaCount => _areas.Count;

    /// <summary>Its areas, ascending.</summary>
    public IEnumerable<IoasArea> Areas => _areas.Select(pair => pair.Value);

    /// <summary>IOVAs, lengths and offsets in a page are multiples of this; a power of two.</summary>
    public ulong Alignment { get; private set; } = 1;

    /// <summary>The mapping that holds an IOVA.</summary>
    public IoasArea? AreaAt(Iova iova) => _areas.TryFind(iova, out _, out var area) ? area : null;

    /// <summary>Puts pieces of pages at one run of IOVAs, one area a piece: MAP with one piece, COPY with as many as the source has.</summary>
    /// <param name="pieces">At least one, in order.</param>
    /// <param name="length">Sum of the pieces' lengths.</param>
    /// <param name="iova">Where; on success, where it was placed.</param>
    /// <param name="access">What devices may do.</param>
    /// <param name="isFixed">False to let the IOAS choose.</param>
    public Errno Add(IReadOnlyList<IoasPiece> pieces, ulong length, ref ulong iova, DmaAccess access, bool isFixed)
    {
        if (length == 0 || (length & (Alignment - 1)) != 0)
        {
            return Errno.EINVAL;
        }

        var placed = iova;
        var refused = isFixed ? CheckFree(iova, length) : Place(pieces[0].Address, length, out placed);
        if (!refused.IsNone)
        {
            return refused;
        }

        refused = pieces.Select(piece => CheckPiece(piece, access)).FirstOrDefault(errno => !errno.IsNone);
        if (!refused.IsNone)
        {
            return refused;
        }

        var areas = AreasOf(pieces, placed, access);
        refused = _domains.Count == 0 ? Errno.None : HoldAll(areas);
        if (!refused.IsNone)
        {
            return refused;
        }

        foreach (var area in areas)
        {
            area.Pages.Refer();
            _areas.TryAdd(area.Range, area);
        }

        iova = placed;
        return Errno.None;
    }

    /// <summary>The pieces of pages behind a run of IOVAs, for COPY: ENOENT unless mappings cover it without a gap.</summary>
    public Errno Pieces(ulong iova, ulong length, List<IoasPiece> pieces)
    {
        if (length == 0)
        {
            return Errno.EINVAL;
        }

        if (!IovaRange.TryFromLength(iova, length, out var wanted))
        {
            return Errno.EOVERFLOW;
        }

        var next = (UInt128)iova;
        foreach (var (range, area) in _areas.Overlapping(wanted))
        {
            if (range.Start.Value > next)
            {
                return Errno.ENOENT;
            }

            var last = Math.Min(range.Last.Value, wanted.Last.Value);
            pieces.Add(new IoasPiece(area.Pages, area.ByteAt(new Iova((ulong)next)), last - (ulong)next + 1));
            next = (UInt128)last + 1;
        }

        return next > wanted.Last.Value ? Errno.None : Errno.ENOENT;
    }

    /// <summary>Takes out the mappings of a run of IOVAs, from the left; none is no error here.</summary>
    /// <remarks>KERNEL: a mapping that is not wholly inside stops the walk with ENOENT, and those to its left are gone.</remarks>
    /// <param name="iova">First IOVA.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="unmapped">Bytes taken out, also where the call fails.</param>
    public Errno Unmap(ulong iova, ulong length, out ulong unmapped)
    {
        unmapped = 0;
        return length == 0 ? Errno.EINVAL
            : !IovaRange.TryFromLength(iova, length, out var range) ? Errno.EOVERFLOW
            : UnmapRange(range, out unmapped);
    }

    /// <summary>Takes out every mapping; none is no error.</summary>
    /// <param name="unmapped">Bytes taken out.</param>
    public Errno UnmapAll(out ulong unmapped) => UnmapRange(IovaRange.All, out unmapped);

    private static List<IoasArea> AreasOf(IReadOnlyList<IoasPiece> pieces, ulong iova, DmaAccess access)
    {
        var areas = new List<IoasArea>();
        foreach (var piece in pieces)
        {
            areas.Add(new IoasArea(IovaRange.FromLength(iova, piece.Length), piece.Pages, piece.StartByte, access));
            iova = unchecked(iova + piece.Length);
        }

        return areas;
    }

    private static Errno HoldAll(IEnumerable<IoasArea> areas)
    {
        var held = new List<IoasArea>();
        foreach (var area in areas)
        {
            // KERNEL: what devices may neither read nor write is refused by the page table, after its pages are there.
            var outcome = area.Pages.Hold(area.Touched, area.Access == DmaAccess.None ? Errno.EINVAL : Errno.None);
            if (!outcome.IsNone)
            {
                held.ForEach(LetGo);
                return outcome;
            }

            area.IsHeld = true;
            held.Add(area);
        }

        return Errno.None;
    }

    private static void LetGo(IoasArea area)
    {
        if (area.IsHeld)
        {
            area.IsHeld = false;
            area.Pages.LetGo(area.Touched);
        }
    }

    private Errno CheckPiece(IoasPiece piece, DmaAccess access) =>
        access.HasFlag(DmaAccess.Write) && !piece.Pages.IsWritable ? Errno.EPERM
        : ((piece.StartByte % PageSize) & (Alignment - 1)) != 0 ? Errno.EINVAL
        : Errno.None;

    private Errno CheckFree(ulong iova, ulong length) =>
        (iova & (Alignment - 1)) != 0 ? Errno.EINVAL
        : !IovaRange.TryFromLength(iova, length, out var range) ? Errno.EOVERFLOW
        : IsReserved(range) ? Errno.EINVAL
        : _areas.Overlaps(range) ? Errno.EEXIST
        : Errno.None;

    private Errno UnmapRange(IovaRange range, out ulong unmapped)
    {
        unmapped = 0;
        while (_areas.TryFirstOverlap(range, out var found, out var area))
        {
            if (!range.Contains(found))
            {
                return Errno.ENOENT;
            }

            _areas.Remove(found.Start);
            LetGo(area);
            area.Pages.Forget();
            unmapped = unchecked(unmapped + area.Length);
        }

        return Errno.None;
    }
}
