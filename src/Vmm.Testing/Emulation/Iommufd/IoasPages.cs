using Vmm.Iommu.Addressing;
using Vmm.Iommu.Mappings;
using Vmm.Iommu.Results;
using Vmm.Testing.Emulation.Memory;

namespace Vmm.Testing.Emulation.Iommufd;

/// <summary>
/// The pages of one MAP, which COPY lets several areas share: each page is pinned and charged once, however many areas
/// hold it. Pages are counted from the first one, by index.
/// </summary>
internal sealed class IoasPages(IPageSource source, bool isWritable, ChargeMode mode, IommufdAccount account)
{
    public const ulong PageSize = 0x1000;

    // The map orders any 64-bit ranges; here they are indexes of pages.
    private readonly IovaRangeMap<PinnedRun> _runs = new();
    private int _areas;

    public IPageSource Source => source;

    /// <summary>True when the pages were mapped for devices to write; they are pinned so for every area.</summary>
    public bool IsWritable => isWritable;

    /// <summary>Pages pinned now.</summary>
    public ulong PinnedPages { get; private set; }

    /// <summary>An area more refers to the pages.</summary>
    public void Refer() => _areas++;

    /// <summary>An area less; the last one lets the source go.</summary>
    public void Forget()
    {
        if (--_areas == 0)
        {
            source.Close();
        }
    }

    /// <summary>Pins the pages of a range that are not pinned yet, and counts a holder more for each.</summary>
    /// <param name="pages">Indexes of the pages.</param>
    /// <param name="mapping">What the page table says to the pages.</param>
    /// <returns>The source's refusal for a page that cannot be had, then the page table's, then ENOMEM over the limit; nothing is pinned then.</returns>
    public Errno Hold(IovaRange pages, Errno mapping)
    {
        CutAround(pages);
        var fresh = new List<(IovaRange Range, PinnedRun Run)>();
        var count = 0UL;
        foreach (var gap in Gaps(pages))
        {
            var bytes = (ulong)gap.Length * PageSize;
            var attempt = source.Pin(gap.Start.Value * PageSize, bytes, isWritable);
            if (!attempt.IsWhole)
            {
                attempt.Release();
                Release(fresh);
                return source.Refusal;
            }

            fresh.Add((gap, new PinnedRun(attempt.Segments)));
            count += (ulong)gap.Length;
        }

        // KERNEL: what was pinned is charged when all of it is: a bad address answers before the limit.
        var refused = !mapping.IsNone ? mapping : account.TryCharge(mode, count) ? Errno.None : Errno.ENOMEM;
        if (!refused.IsNone)
        {
            Release(fresh);
            return refused;
        }

        foreach (var (_, run) in _runs.Overlapping(pages))
        {
            run.Holders++;
        }

        foreach (var (range, run) in fresh)
        {
            _runs.TryAdd(range, run);
        }

        PinnedPages += count;
        return Errno.None;
    }

    /// <summary>Undoes one <see cref="Hold"/> of the same pages, or of a part of them.</summary>
    public void LetGo(IovaRange pages)
    {
        CutAround(pages);
        var unheld = new List<IovaRange>();
        foreach (var (range, run) in _runs.Overlapping(pages))
        {
            if (--run.Holders == 0)
            {
                unheld.Add(range);
            }
        }

        foreach (var range in unheld)
        {
            _runs.Remove(range.Start, out _, out var run);
            run!.Release();
            PinnedPages -= (ulong)range.Length;
            account.Uncharge(mode, (ulong)range.Length);
        }
    }

    /// <summary>The pinned memory at a byte of the pages: a segment, and how far into it.</summary>
    public (PinnedSegment Segment, ulong Offset)? At(ulong offset)
    {
        if (!_runs.TryFind(new Iova(offset / PageSize), out var range, out var run))
        {
            return null;
        }

        var inside = offset - (range.Start.Value * PageSize);
        foreach (var segment in run.Segments)
        {
            if (inside < segment.Length)
            {
                return (segment, inside);
            }

            inside -= segment.Length;
        }

        return null;
    }

    private static void Release(List<(IovaRange Range, PinnedRun Run)> runs)
    {
        foreach (var (_, run) in runs)
        {
            run.Release();
        }
    }

    private List<IovaRange> Gaps(IovaRange pages)
    {
        var gaps = new List<IovaRange>();
        var next = (UInt128)pages.Start.Value;
        foreach (var (range, _) in _runs.Overlapping(pages))
        {
            if (range.Start.Value > next)
            {
                gaps.Add(IovaRange.FromBounds((ulong)next, range.Start.Value - 1));
            }

            next = (UInt128)range.Last.Value + 1;
        }

        if (next <= pages.Last.Value)
        {
            gaps.Add(IovaRange.FromBounds((ulong)next, pages.Last.Value));
        }

        return gaps;
    }

    private void CutAround(IovaRange pages)
    {
        CutAt(pages.Start.Value);
        if (pages.Last.Value != ulong.MaxValue)
        {
            CutAt(pages.Last.Value + 1);
        }
    }

    /// <summary>Lets a run begin at a page that lies inside one.</summary>
    private void CutAt(ulong page)
    {
        if (!_runs.TryFind(new Iova(page), out var range, out var run) || range.Start.Value == page)
        {
            return;
        }

        var right = run.Cut((page - range.Start.Value) * PageSize);
        _runs.Remove(range.Start);
        _runs.TryAdd(IovaRange.FromBounds(range.Start.Value, page - 1), run);
        _runs.TryAdd(IovaRange.FromBounds(page, range.Last.Value), right);
    }
}
