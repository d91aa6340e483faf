using Vmm.Iommu.Addressing;
using Vmm.Iommu.HotPath;
using Vmm.Iommu.Results;

namespace Vmm.Benchmarks.Soaking;

/// <summary>A vCPU of a guest with a vIOMMU: maps and unmaps at random, and repeats an unmap that failed until it succeeds.</summary>
internal sealed class SoakVcpu(DmaMapper mapper, SoakMemory memory)
{
    private const int MostOfOwn = 400;
    private const int LongestBatch = 32;

    private readonly DmaBatch _batch = mapper.NewBatch(LongestBatch);

    // What it mapped and may still be there: others unmap it as well.
    private readonly List<(int First, int Pages)> _own = [];

    /// <summary>One request, or a batch.</summary>
    public void Step(SoakThread thread)
    {
        var random = thread.Random;
        switch (random.Next(100))
        {
            case < 30 when _own.Count < MostOfOwn:
                Map(thread);
                break;
            case < 45 when _own.Count < MostOfOwn:
                MapNotify(thread);
                break;
            case < 75:
                UnmapOwn(thread);
                break;
            case < 80:
                var pages = 1 + random.Next(4);
                Unmap(thread, SoakPlaces.PlaceIn(random, SoakPlaces.AllBlocks, pages), pages);
                break;
            case < 85:
                Clear(thread);
                break;
            case < 88:
                Nonsense(thread);
                break;
            default:
                Batch(thread);
                break;
        }
    }

    private void Map(SoakThread thread)
    {
        var (random, pages) = (thread.Random, 1 + thread.Random.Next(4));
        var first = SoakPlaces.PlaceIn(random, SoakPlaces.AllBlocks, pages);
        var seen = random.Next(4) == 0 ? mapper.Windows : null;
        thread.Does("maps", first, pages);
        var (block, offset) = memory.BlockFor(random, pages);
        Mapped(thread, mapper.TryMap(SoakPlaces.At(first, pages), block, offset, DmaAccess.ReadWrite, seen), first, pages);
    }

    private void MapNotify(SoakThread thread)
    {
        var (random, pages) = (thread.Random, 1 + thread.Random.Next(4));
        var first = SoakPlaces.PlaceIn(random, SoakPlaces.AllBlocks, pages);
        var range = SoakPlaces.At(first, pages);
        thread.Does("hears of a map", first, pages);
        var access = random.Next(4) == 0 ? DmaAccess.Read : DmaAccess.ReadWrite;
        Mapped(thread, mapper.MapNotify(range.Start.Value, (ulong)range.Length, memory.TargetFor(random, pages), access), first, pages);
    }

    /// <summary>A map that the kernel refused may have left something Dying: it is unmapped.</summary>
    private void Mapped(SoakThread thread, MapResult result, int first, int pages)
    {
        thread.Tally.Count(result);
        if (result.IsOk)
        {
            _own.Add((first, pages));
        }
        else if (result.Status == MapStatus.Refused)
        {
            Unmap(thread, first, pages);
        }
    }

    private void UnmapOwn(SoakThread thread)
    {
        if (_own.Count == 0)
        {
            return;
        }

        var at = thread.Random.Next(_own.Count);
        var (first, pages) = _own[at];
        _own[at] = _own[^1];
        _own.RemoveAt(_own.Count - 1);
        Unmap(thread, first, pages);
    }

    private void Unmap(SoakThread thread, int first, int pages)
    {
        thread.Does("unmaps", first, pages);
        SoakPatience.Until("an unmap succeeds", thread.Tally, () =>
            thread.Tally.Count(mapper.TryUnmap(SoakPlaces.At(first, pages))).Status is not (MapStatus.Refused or MapStatus.Tainted));
    }

    private void Clear(SoakThread thread)
    {
        var pages = 1 + thread.Random.Next(32);
        var first = SoakPlaces.PlaceIn(thread.Random, SoakPlaces.AllBlocks, pages);
        var range = thread.Random.Next(500) == 0 ? IovaRange.All : SoakPlaces.At(first, pages);
        thread.Does("invalidates", first, pages);
        SoakPatience.Until("an invalidation succeeds", thread.Tally, () =>
            thread.Tally.Count(mapper.UnmapNotify(range.Start.Value, range.Last.Value)).Status is not (MapStatus.Refused or MapStatus.Tainted));
    }

    /// <summary>What a guest may ask for and never get.</summary>
    private void Nonsense(SoakThread thread)
    {
        var random = thread.Random;
        var (iova, length) = ((ulong)random.NextInt64(), (ulong)random.NextInt64());
        thread.Does("asks for nonsense");
        thread.Tally.Count(random.Next(5) switch
        {
            0 => mapper.MapNotify(iova, length, (ulong)random.NextInt64(), DmaAccess.ReadWrite),
            1 => mapper.MapNotify(ulong.MaxValue - 0xfff, 0x2000, 0, DmaAccess.ReadWrite),
            2 => mapper.MapNotify(SoakPlaces.At(0, 1).Start.Value + 1, SoakPlaces.Page, 0, DmaAccess.ReadWrite),
            3 => mapper.MapNotify(iova, 0, 0, DmaAccess.None),
            _ => mapper.UnmapNotify(iova, iova / 2),
        });
    }

    /// <summary>Neighbouring pages mapped by a batch, and some of the time unmapped by one.</summary>
    private void Batch(SoakThread thread)
    {
        var (random, pages) = (thread.Random, 2 + thread.Random.Next(LongestBatch - 1));
        var first = SoakPlaces.PlaceIn(random, SoakPlaces.AllBlocks, pages);
        var mayMerge = random.Next(2) == 0;
        var (block, offset) = memory.BlockFor(random, pages);
        thread.Does("posts maps", first, pages);
        for (var page = 0; page < pages; page++)
        {
            _batch.PostMap(SoakPlaces.At(first + page, 1), block, offset + ((ulong)page * SoakPlaces.Page), DmaAccess.ReadWrite, mayMerge);
        }

        _batch.Flush();
        var refused = Answers(thread, pages);
        if (mayMerge)
        {
            // What became one mapping is unmapped as one; what did not, with it.
            Unmap(thread, first, pages);
            return;
        }

        thread.Does("posts unmaps", first, pages);
        for (var page = 0; page < pages; page++)
        {
            _batch.PostUnmap(SoakPlaces.At(first + page, 1));
        }

        _batch.Flush();
        refused.UnionWith(Answers(thread, pages));
        foreach (var page in refused)
        {
            Unmap(thread, first + page, 1);
        }
    }

    /// <summary>Counts the answers of a batch.</summary>
    /// <returns>The tickets that failed.</returns>
    private HashSet<int> Answers(SoakThread thread, int count)
    {
        var refused = new HashSet<int>();
        for (var ticket = 0; ticket < count; ticket++)
        {
            if (thread.Tally.Count(_batch[ticket]).Status is MapStatus.Refused or MapStatus.Tainted)
            {
                refused.Add(ticket);
            }
        }

        return refused;
    }
}
