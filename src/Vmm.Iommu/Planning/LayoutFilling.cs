using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.Reserved;

namespace Vmm.Iommu.Planning;

/// <summary>Puts RAM into what is free, ascending.</summary>
internal sealed class LayoutFilling(ValidIovaRanges free)
{
    private readonly List<(MemorySection Section, MemorySection From)> _placed = [];
    private ValidIovaRanges _free = free;

    /// <summary>Puts pieces that follow one another in their region next to each other, at an address that leaves them their large pages.</summary>
    /// <param name="pieces">What is to be put.</param>
    /// <param name="aligns">How address and offset are to agree, from the best: powers of two.</param>
    /// <returns>False where something has no room.</returns>
    public bool TryPlaceWhole(IEnumerable<MemorySection> pieces, IReadOnlyList<ulong> aligns)
    {
        foreach (var run in Runs(pieces))
        {
            var length = run.Aggregate(UInt128.Zero, (sum, piece) => sum + piece.Range.Length);
            if (aligns.Select(align => Find(run[0].OffsetInRegion, length, align)).FirstOrDefault(found => found is not null) is not { } start)
            {
                return false;
            }

            var next = start;
            foreach (var piece in run)
            {
                Place(piece, next);
                next += (ulong)piece.Range.Length;
            }
        }

        return true;
    }

    /// <summary>Puts pieces wherever is room, cut at pages.</summary>
    /// <returns>False where something has no room.</returns>
    public bool TryPlaceInPieces(IEnumerable<MemorySection> pieces, ulong page)
    {
        foreach (var piece in pieces)
        {
            for (var rest = piece; rest is not null;)
            {
                if (Find(rest.OffsetInRegion, UInt128.Min(rest.Range.Length, page - (rest.OffsetInRegion & (page - 1))), page) is not { } start)
                {
                    return false;
                }

                var window = _free.First(window => window.Contains(new Iova(start)));
                var room = (UInt128)window.Last.Value + 1 - start;
                var taken = room >= rest.Range.Length ? rest.Range.Length : room;
                Place(Part(rest, 0, taken), start);
                rest = taken == rest.Range.Length ? null : Part(rest, (ulong)taken, rest.Range.Length - taken);
            }
        }

        return true;
    }

    /// <summary>The view of what stays and what was put, neighbours that belong together joined.</summary>
    public LayoutProposal Proposal(IEnumerable<MemorySection> stay)
    {
        MemorySection[] all = [.. stay, .. _placed.Select(move => move.Section)];
        Array.Sort(all, (left, right) => left.Range.CompareTo(right.Range));
        var joined = new List<MemorySection>(all.Length);
        foreach (var section in all)
        {
            if (joined.Count > 0 && Follows(joined[^1], section) && joined[^1].Range.IsFollowedBy(section.Range))
            {
                joined[^1] = joined[^1] with { Range = new IovaRange(joined[^1].Range.Start, section.Range.Last) };
            }
            else
            {
                joined.Add(section);
            }
        }

        var moves = _placed
            .Where(move => move.Section.Range != move.From.Range)
            .Select(move => new LayoutMove(move.From.Name, move.From.OffsetInRegion, move.From.Range, move.Section.Range))
            .OrderBy(move => move.From);
        return new(new FlatView(joined), [.. moves], WhyNone: null);
    }

    /// <summary>Pieces by region and offset, those together that follow one another.</summary>
    private static List<List<MemorySection>> Runs(IEnumerable<MemorySection> pieces)
    {
        var runs = new List<List<MemorySection>>();
        foreach (var piece in pieces.OrderBy(piece => piece.Name, StringComparer.Ordinal).ThenBy(piece => piece.OffsetInBlock))
        {
            if (runs.Count > 0 && Follows(runs[^1][^1], piece))
            {
                runs[^1].Add(piece);
            }
            else
            {
                runs.Add([piece]);
            }
        }

        // Those that lay lower come first again.
        return [.. runs.OrderBy(run => run.Min(piece => piece.Range))];
    }

    private static bool Follows(MemorySection before, MemorySection after) =>
        before.Block is not null && ReferenceEquals(before.Block, after.Block) && before.Kind == after.Kind && before.ReadOnly == after.ReadOnly
        && before.OffsetInBlock + before.Range.Length == after.OffsetInBlock && before.OffsetInRegion + before.Range.Length == after.OffsetInRegion;

    private static MemorySection Part(MemorySection section, ulong into, UInt128 length) => section with
    {
        Range = IovaRange.FromBounds(section.Range.Start.Value + into, (ulong)(section.Range.Start.Value + into + length - 1)),
        OffsetInRegion = section.OffsetInRegion + into,
        OffsetInBlock = section.OffsetInBlock + into,
    };

    /// <summary>The lowest free address for so many bytes that agrees with an offset in its low bits; null where there is none.</summary>
    private ulong? Find(ulong offset, UInt128 length, ulong align)
    {
        foreach (var window in _free)
        {
            var start = (UInt128)window.Start.Value + (unchecked(offset - window.Start.Value) & (align - 1));
            if (start + length <= (UInt128)window.Last.Value + 1)
            {
                return (ulong)start;
            }
        }

        return null;
    }

    private void Place(MemorySection piece, ulong start)
    {
        var range = IovaRange.FromBounds(start, (ulong)(start + piece.Range.Length - 1));
        _placed.Add((piece with { Range = range }, piece));
        _free = _free.Without(range);
    }
}
