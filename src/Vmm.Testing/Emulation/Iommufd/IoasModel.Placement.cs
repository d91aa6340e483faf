using System.Numerics;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.Results;

namespace Vmm.Testing.Emulation.Iommufd;

internal sealed partial class IoasModel
{
    /// <summary>KERNEL: with transparent huge pages in the kernel, up to their size of the address' alignment is kept.</summary>
    private const ulong HugePage = 0x20_0000;

    /// <summary>Where an automatic IOVA may lie while nothing is allowed explicitly: never IOVA 0, never the last page.</summary>
    private static readonly IovaRange Anywhere = IovaRange.FromBounds(PageSize, ulong.MaxValue - PageSize);

    /// <summary>Chooses the lowest free IOVA that keeps the alignment that the address has.</summary>
    private Errno Place(ulong address, ulong length, out ulong iova)
    {
        iova = 0;
        if (length >= ulong.MaxValue / 2)
        {
            return Errno.EOVERFLOW;
        }

        // BitOperations answers 1 for 1, as roundup_pow_of_two does.
        var alignment = Math.Min(BitOperations.RoundUpToPowerOf2(length), hugePages ? HugePage : PageSize);
        if (address != 0)
        {
            alignment = Math.Min(alignment, address & (~address + 1));
        }

        if (alignment < Alignment)
        {
            return Errno.EINVAL;
        }

        foreach (var span in Merge(_allowed.Count == 0 ? [Anywhere] : _allowed, Anywhere))
        {
            if (Fits(span, length, alignment, address % PageSize, out var from) && FirstHole(from, span.Last.Value, length, alignment, address % PageSize, out iova))
            {
                return Errno.None;
            }
        }

        return Errno.ENOSPC;
    }

    /// <summary>True when so many bytes fit at the first aligned IOVA of a span.</summary>
    private static bool Fits(IovaRange span, ulong length, ulong alignment, ulong pageOffset, out ulong start)
    {
        // KERNEL: the sum may wrap at the top, as it does there.
        start = unchecked((span.Start.Value + alignment - 1) & ~(alignment - 1)) | pageOffset;
        return span.Last.Value - span.Start.Value >= length - 1
            && start <= span.Last.Value
            && span.Last.Value - start >= length - 1;
    }

    private bool FirstHole(ulong from, ulong last, ulong length, ulong alignment, ulong pageOffset, out ulong iova)
    {
        var within = IovaRange.FromBounds(from, last);
        foreach (var hole in Holes(Used(within), within))
        {
            if (Fits(hole, length, alignment, pageOffset, out iova))
            {
                return true;
            }
        }

        iova = 0;
        return false;
    }

    /// <summary>What is mapped or reserved in a range, ascending by start.</summary>
    private IEnumerable<IovaRange> Used(IovaRange within)
    {
        var reserved = _reserved.Select(entry => entry.Range).Where(range => range.Overlaps(within)).Order().ToList();
        var at = 0;
        foreach (var (range, _) in _areas)
        {
            if (!range.Overlaps(within))
            {
                continue;
            }

            for (; at < reserved.Count && reserved[at].Start < range.Start; at++)
            {
                yield return reserved[at];
            }

            yield return range;
        }

        for (; at < reserved.Count; at++)
        {
            yield return reserved[at];
        }
    }

    /// <summary>The complement of ranges that ascend by start, in a range.</summary>
    private static IEnumerable<IovaRange> Holes(IEnumerable<IovaRange> used, IovaRange within)
    {
        var next = (UInt128)within.Start.Value;
        foreach (var range in used)
        {
            if (range.Start.Value > next)
            {
                yield return IovaRange.FromBounds((ulong)next, Math.Min(range.Start.Value - 1, within.Last.Value));
            }

            next = UInt128.Max(next, (UInt128)range.Last.Value + 1);
        }

        if (next <= within.Last.Value)
        {
            yield return IovaRange.FromBounds((ulong)next, within.Last.Value);
        }
    }

    /// <summary>Ranges that ascend and do not overlap, cut to a range; those that touch are one.</summary>
    private static IEnumerable<IovaRange> Merge(IEnumerable<IovaRange> ranges, IovaRange within)
    {
        IovaRange? open = null;
        foreach (var range in ranges)
        {
            if (!range.TryIntersect(within, out var cut))
            {
                continue;
            }

            if (open is { } before && before.IsFollowedBy(cut))
            {
                open = new IovaRange(before.Start, cut.Last);
                continue;
            }

            if (open is { } done)
            {
                yield return done;
            }

            open = cut;
        }

        if (open is { } last)
        {
            yield return last;
        }
    }
}
