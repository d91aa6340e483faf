using Vmm.Iommu.Addressing;

namespace Vmm.Testing.Emulation.Type1;

/// <summary>The valid IOVAs of a container: sorted, disjoint. Empty means that nothing restricts it yet, and nothing is checked.</summary>
internal sealed class IovaList
{
    private List<IovaRange> _ranges;

    public IovaList()
        : this([])
    {
    }

    private IovaList(List<IovaRange> ranges) => _ranges = ranges;

    public IReadOnlyList<IovaRange> Ranges => _ranges;

    public bool IsEmpty => _ranges.Count == 0;

    /// <summary>From the first valid IOVA to the last.</summary>
    public IovaRange Envelope => new(_ranges[0].Start, _ranges[^1].Last);

    public static IovaList Of(IovaRange only) => new([only]);

    public IovaList Copy() => new([.. _ranges]);

    /// <summary>True when a mapping may lie there: wholly in one range, or anywhere while the list is empty.</summary>
    public bool Allows(IovaRange wanted)
    {
        if (_ranges.Count == 0)
        {
            return true;
        }

        foreach (var range in _ranges)
        {
            if (range.Contains(wanted))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Cuts the list to an aperture; an empty list becomes the aperture.</summary>
    public void Restrict(IovaRange aperture)
    {
        if (_ranges.Count == 0)
        {
            _ranges.Add(aperture);
            return;
        }

        var kept = new List<IovaRange>();
        foreach (var range in _ranges)
        {
            if (range.TryIntersect(aperture, out var shared))
            {
                kept.Add(shared);
            }
        }

        _ranges = kept;
    }

    /// <summary>Cuts a hole.</summary>
    public void Exclude(IovaRange hole)
    {
        var kept = new List<IovaRange>();
        foreach (var range in _ranges)
        {
            if (!range.Overlaps(hole))
            {
                kept.Add(range);
                continue;
            }

            if (range.Start < hole.Start)
            {
                kept.Add(IovaRange.FromBounds(range.Start.Value, hole.Start.Value - 1));
            }

            if (range.Last > hole.Last)
            {
                kept.Add(IovaRange.FromBounds(hole.Last.Value + 1, range.Last.Value));
            }
        }

        _ranges = kept;
    }

    /// <summary>Moves the two outermost ends.</summary>
    public void Widen(IovaRange envelope)
    {
        if (_ranges.Count == 0)
        {
            return;
        }

        _ranges[0] = new(envelope.Start, _ranges.Count == 1 ? envelope.Last : _ranges[0].Last);
        _ranges[^1] = new(_ranges[^1].Start, envelope.Last);
    }
}
