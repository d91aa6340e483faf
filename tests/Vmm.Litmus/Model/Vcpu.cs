using Vmm.Iommu.Addressing;
using Vmm.Iommu.HotPath;
using Vmm.Iommu.Results;
using Vmm.Litmus.Running;
using Vmm.Litmus.Sites;

namespace Vmm.Litmus.Model;

/// <summary>
/// A thread's maps and unmaps of pages that are its own, with what each must answer: whatever others do elsewhere, its requests
/// take effect in its order, and when one has returned the kernel shows it.
/// </summary>
internal sealed class Vcpu(Space space, int first, int count)
{
    private readonly ulong?[] _mapped = new ulong?[count];
    private readonly DmaBatch _batch = space.NewBatch(8);
    private readonly List<MapStatus> _expected = [];
    private int _serial;
    private bool _wasClosedWhenPosted;

    /// <summary>True once an answer was Closed: all are, from then on, and nothing is left.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>One thing that a guest may do.</summary>
    public void Act(Racer me)
    {
        switch (me.Next(8))
        {
            case 0 or 1:
                Map(me.Next(count));
                break;
            case 2:
                Unmap(me.Next(count));
                break;
            case 3:
                Clear();
                break;
            case 4:
                MapTogether(me.Next(count - 1));
                break;
            default:
                Post(me, posts: 1 + me.Next(7));
                Flush();
                break;
        }
    }

    public void Map(int at)
    {
        var offset = NextOffset();
        var wanted = Mapping(at, offset);
        Hear(space.Map(first + at, offset), wanted, at, IsClosed);
        Look(at);
    }

    public void Unmap(int at)
    {
        var wanted = Unmapping(at);
        Hear(space.Unmap(first + at), wanted, at, IsClosed);
        Look(at);
    }

    /// <summary>Invalidates all that is its own, mapped or not.</summary>
    public void Clear()
    {
        Array.Clear(_mapped);
        var range = PageKernel.At(first, count);

        // A container that is closed holds nothing: the invalidation is done then too.
        var result = space.Mapper.UnmapNotify(range.Start.Value, range.Last.Value);
        Violation.Unless(result.IsOk, () => $"an invalidation is answered {result}");
        Look();
    }

    /// <summary>Posts some maps and unmaps, with an answer expected for each.</summary>
    public void Post(Racer me, int posts)
    {
        _wasClosedWhenPosted = IsClosed;
        for (var post = 0; post < posts && !_batch.IsFull; post++)
        {
            var at = me.Next(count);
            if (me.Next(2) == 0)
            {
                var offset = NextOffset();
                _expected.Add(Mapping(at, offset));
                _batch.PostMap(PageKernel.At(first + at), space.Ram, offset, DmaAccess.ReadWrite);
            }
            else
            {
                _expected.Add(Unmapping(at));
                _batch.PostUnmap(PageKernel.At(first + at));
            }
        }

        // What comes behind what is posted finds it done.
        if (me.Next(2) == 0)
        {
            Map(me.Next(count));
        }
    }

    /// <summary>Waits for what is posted, and looks at each answer.</summary>
    public void Flush()
    {
        _batch.Flush();

        // What was posted before an answer Closed to something behind it may have been done.
        var isClosed = _wasClosedWhenPosted;
        for (var ticket = 0; ticket < _expected.Count; ticket++)
        {
            isClosed = Hear(_batch[ticket], _expected[ticket], ticket, isClosed);
        }

        _expected.Clear();
        Look();
    }

    /// <summary>Two neighbours that may become one mapping, unmapped by a range that holds both.</summary>
    private void MapTogether(int at)
    {
        Clear();
        _wasClosedWhenPosted = IsClosed;
        var offset = NextOffset();
        _expected.Add(MapStatus.Ok);
        _batch.PostMap(PageKernel.At(first + at), space.Ram, offset, DmaAccess.ReadWrite, mayMerge: true);
        _expected.Add(MapStatus.Ok);
        _batch.PostMap(PageKernel.At(first + at + 1), space.Ram, offset + PageKernel.PageSize, DmaAccess.ReadWrite, mayMerge: true);
        (_mapped[at], _mapped[at + 1]) = (offset, offset + PageKernel.PageSize);
        Flush();
        Clear();
    }

    private MapStatus Mapping(int at, ulong offset)
    {
        if (_mapped[at] is not null)
        {
            return MapStatus.Overlaps;
        }

        _mapped[at] = offset;
        return MapStatus.Ok;
    }

    private MapStatus Unmapping(int at)
    {
        var wanted = _mapped[at] is null ? MapStatus.NotMapped : MapStatus.Ok;
        _mapped[at] = null;
        return wanted;
    }

    /// <returns>True when it is Closed, as all behind it must be.</returns>
    private bool Hear(MapResult got, MapStatus wanted, int at, bool isClosed)
    {
        if (got.Status == MapStatus.Closed)
        {
            IsClosed = true;
            Array.Clear(_mapped);
            return true;
        }

        Violation.Unless(!isClosed, () => $"request {at} is answered {got} after an answer Closed");
        Violation.Unless(got.Status == wanted, () => $"request {at} is answered {got}, but its place in the order answers {wanted}");
        return false;
    }

    private void Look()
    {
        for (var at = 0; at < count; at++)
        {
            Look(at);
        }
    }

    /// <summary>What has been answered, the kernel shows.</summary>
    private void Look(int at)
    {
        // Something posted and not flushed yet may be there or not.
        if (_expected.Count > 0)
        {
            return;
        }

        var (found, wanted) = (space.Kernel.Reach(first + at), _mapped[at] is { } offset ? space.AddressOf(offset) : 0);
        Violation.Unless(
            found == wanted || (wanted != 0 && found == 0 && (space.Ring.IsClosed || space.Turn.IsEnding)),
            () => $"the answers are there, and a device reaches 0x{found:x} by page {first + at}; 0x{wanted:x} is mapped there");
    }

    // Another place of the memory for each map, so that an old mapping is not taken for a new one.
    private ulong NextOffset() => (ulong)((first * 32) + (2 * (_serial++ % 32))) * PageKernel.PageSize;
}
