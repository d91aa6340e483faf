using System.Numerics;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;

namespace Vmm.Iommu.Planning;

/// <summary>
/// Where RAM is cut into mappings: at places that do not depend on the view, so that a change in one piece leaves the
/// others alone. Firmware shadows RAM a page at a time between 0xA0000 and 1 MiB; above, cuts are far apart.
/// </summary>
public sealed record FixedCuts
{
    private const ulong ShadowStart = 0xA0000;
    private const ulong ShadowEnd = 0x100000;
    private const ulong GiB = 1UL << 30;
    private const ulong Coarsest = 1UL << 62;

    private readonly int _granuleShift;
    private readonly ulong _firstShadowCut;
    private readonly ulong _lastShadowCut;

    private FixedCuts(ulong page, ulong granule, bool cutsShadow)
    {
        ShadowStep = Math.Max(page, 0x1000);
        Granule = granule;
        _granuleShift = BitOperations.Log2(granule);
        CutsShadow = cutsShadow;
        _firstShadowCut = cutsShadow ? (ShadowStart + ShadowStep - 1) & ~(ShadowStep - 1) : 0;
        _lastShadowCut = cutsShadow ? ShadowEnd & ~(ShadowStep - 1) : 0;
    }

    /// <summary>Bytes between cuts above 1 MiB: a power of two, at least 1 GiB.</summary>
    public ulong Granule { get; }

    /// <summary>Bytes between cuts from 0xA0000 to 1 MiB: 4 KiB, or the IOMMU's smallest page where that is larger.</summary>
    public ulong ShadowStep { get; }

    /// <summary>True when the shadow area is cut; false where the container has too few entries for that.</summary>
    public bool CutsShadow { get; }

    /// <summary>True when there are none finer for pages of this size.</summary>
    public bool IsFinest => CutsShadow && Granule <= Math.Max(GiB, ShadowStep);

    /// <summary>The finest cuts that leave three quarters of the entries for others.</summary>
    /// <param name="target">What is to be mapped.</param>
    /// <param name="pages">The IOMMU's page sizes; no cut is finer than the smallest.</param>
    /// <param name="entries">Mappings that the container can hold in all.</param>
    public static FixedCuts For(IEnumerable<DmaSection> target, PageSizes pages, long entries)
    {
        ArgumentNullException.ThrowIfNull(target);
        var sections = target as IReadOnlyCollection<DmaSection> ?? [.. target];
        for (var granule = Math.Max(GiB, pages.Smallest); ; granule *= 2)
        {
            var cuts = new FixedCuts(pages.Smallest, granule, cutsShadow: true);
            if (cuts.PiecesOfRam(sections) <= entries / 4)
            {
                return cuts;
            }

            if (granule >= Coarsest)
            {
                return new(pages.Smallest, granule, cutsShadow: false);
            }
        }
    }

    /// <summary>How many pieces a range makes.</summary>
    public long PiecesIn(IovaRange range)
    {
        var (start, last) = (range.Start.Value, range.Last.Value);
        var shadow = start < _lastShadowCut ? CutsUpTo(last) - CutsUpTo(start) : 0;
        return 1 + (long)((last >> _granuleShift) - (start >> _granuleShift)) + shadow;
    }

    /// <summary>The pieces of a range, ascending.</summary>
    public IEnumerable<IovaRange> Pieces(IovaRange range)
    {
        for (var start = range.Start.Value; ; start++)
        {
            var last = Math.Min(LastOfPiece(start), range.Last.Value);
            yield return IovaRange.FromBounds(start, last);
            if (last == range.Last.Value)
            {
                yield break;
            }

            start = last;
        }
    }

    private long PiecesOfRam(IReadOnlyCollection<DmaSection> sections)
    {
        var pieces = 0L;
        foreach (var section in sections)
        {
            pieces += section.IsSkippable ? 0 : PiecesIn(section.Range);
        }

        return pieces;
    }

    private ulong LastOfPiece(ulong start) =>
        start < _firstShadowCut && _firstShadowCut <= _lastShadowCut ? _firstShadowCut - 1
        : start < _lastShadowCut ? start | (ShadowStep - 1)
        : start | (Granule - 1);

    /// <summary>Cuts of the shadow area at or below an address.</summary>
    private long CutsUpTo(ulong address) =>
        !CutsShadow || _firstShadowCut > _lastShadowCut || address < _firstShadowCut
            ? 0
            : 1 + (long)((Math.Min(address, _lastShadowCut) - _firstShadowCut) / ShadowStep);
}
