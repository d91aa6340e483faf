using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.Reserved;

namespace Vmm.Iommu.Planning;

/// <summary>Puts RAM into what is free, ascending.</summary>
internal sealed class LayoutFilling(ValidIovaRanges free)
{
    private readonly List<(MemorySection Section, MemorySection From)> _placed = [];
    private readonly List<IovaRange> _free = [.. free];

    /// <summary>Puts pieces that follow one another in their region next to each other, at an address that leaves them their large pages.</summary>
    /// <param name="pieces">What is to be put.</param>
    /// <param name="aligns">How address and offset are to agree, from the best: powers of two.</param>
    /// <returns>False where something has no room.</returns>
    public bool TryPlaceWhole(IEnumerable<MemorySection> pieces, IReadOnlyList<ulong> aligns)
    {
        foreach (var run in Runs(pieces))
        {
            var length = run.Aggregate(UInt128.Zero, (sum, piece) => sum + piece.Range.Length);
            if (aligns.Select(align => Find(run[0].OffsetInRegion, length, align)).FirstOrDefault(found => found is not null) is not { } place)
            {
                return false;
            }

            var next = place.Start;
            foreach (var piece in run)
            {
                Place(piece, next);
                next += (ulong)piece.Range.Length;
            }

            Take(place.Window, place.Start, length);
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
                if (Find(rest.OffsetInRegion, UInt128.Min(rest.Range.Length, page - (rest.OffsetInRegion & (page - 1))), page) is not var (window, start))
                {
                    return false;
                }

                var taken = UInt128.Min((UInt128)_free[window].Last.Value + 1 - start, rest.Range.Length);
                Place(Part(rest, 0, taken), start);
                Take(window, start, taken);
                rest = taken == rest.Range.Length ? null : Part(rest, (ulong)taken, rest.Range.Length - taken);
            }
        }

        return true;
    }

    /// <summary>The view with what was put, joined to the neighbours that it belongs together with.</summary>
    /// <param name="view">The view as it is.</param>
    /// <param name="gone">Sections of it that are moved or cut, by reference.</param>
    /// <param name="stay">What of them keeps its place.</param>
    public LayoutProposal Proposal(FlatView view, IReadOnlySet<MemorySection> gone, IEnumerable<MemorySection> stay)
    {
        MemorySection[] pieces = [.. stay, .. _placed.Select(move => move.Section)];
        var neighbours = pieces
            .SelectMany(piece => Neighbours(view, piece))
            .Where(neighbour => !gone.Contains(neighbour))
            .ToHashSet<MemorySection>(ReferenceEqualityComparer.Instance);
        var moves = _placed
            .Where(move => move.Section.Range != move.From.Range)
            .Select(move => new LayoutMove(move.From.Name, move.From.OffsetInRegion, move.From.Range, move.Section.Range))
            .OrderBy(move => move.From);
        return new(view.Edit([.. gone, .. neighbours], Joined([.. pieces, .. neighbours])), [.. moves], WhyNone: null);
    }

    /// <summary>The sections that follow a piece or that it follows, in address, memory and region.</summary>
    private static IEnumerable<MemorySection> Neighbours(FlatView view, MemorySection piece)
    {
        var (start, last) = (piece.Range.Start.Value, piece.Range.Last.Value);
        if (start > 0 && view.TryFind(new(start - 1), out var before) && Continues(before, piece))
        {
            yield return before;
        }

        if (last < ulong.MaxValue && view.TryFind(new(last + 1), out var after) && Continues(piece, after))
        {
            yield return after;
        }
    }

    private static List<MemorySection> Joined(MemorySection[] sections)
    {
        Array.Sort(sections, (left, right) => left.Range.CompareTo(right.Range));
        var joined = new List<MemorySection>(sections.Length);
        foreach (var section in sections)
        {
            if (joined.Count > 0 && Continues(joined[^1], section))
            {
                joined[^1] = joined[^1] with { Range = new IovaRange(joined[^1].Range.Start, section.Range.Last) };
            }
            else
            {
                joined.Add(section);
            }
        }

        return joined;
    }

    private static bool Continues(MemorySection before, MemorySection after) =>
        before.Range.IsFollowedBy(after.Range) && Follows(before, after);

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
    private (int Window, ulong Start)? Find(ulong offset, UInt128 length, ulong align)
    {
        for (var at = 0; at < _free.Count; at++)
        {
            var window = _free[at];
            var start = (UInt128)window.Start.Value + (unchecked(offset - window.Start.Value) & (align - 1));
            if (start + length <= (UInt128)window.Last.Value + 1)
            {
                return (at, (ulong)start);
            }
        }

        return null;
    }

    private void Place(MemorySection piece, ulong start) =>
        _placed.Add((piece with { Range = IovaRange.FromBounds(start, (ulong)(start + piece.Range.Length - 1)) }, piece));

    private void Take(int window, ulong start, UInt128 length)
    {
        var left = new ValidIovaRanges([_free[window]]).Without(IovaRange.FromBounds(start, (ulong)(start + length - 1)));
        _free.RemoveAt(window);
        _free.InsertRange(window, left);
    }
}
