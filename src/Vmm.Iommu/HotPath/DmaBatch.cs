using Vmm.Iommu.Addressing;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.Results;

namespace Vmm.Iommu.HotPath;

/// <summary>
/// Maps and unmaps that one thread posts without waiting for each, as for a guest's queue of invalidations. Neighbouring unmaps
/// become one call to the kernel. Nothing posted is done before <see cref="Flush"/> returns, and an unmap may not be acknowledged to
/// a guest before that. Used again and again, so that nothing is allocated. Not thread-safe; another thread has another batch.
/// </summary>
public sealed class DmaBatch
{
    private readonly DmaMapper _mapper;
    private readonly int _capacity;
    private readonly HotRequest[] _posted;
    private readonly MapResult[] _results;
    private DmaLane[] _lanes = [];
    private BatchAnswers[] _answers = [];
    private int _count;
    private bool _isFlushed = true;

    internal DmaBatch(DmaMapper mapper, int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        _mapper = mapper;
        _capacity = capacity;
        _posted = new HotRequest[capacity];
        _results = new MapResult[capacity];
    }

    /// <summary>Posts since the last flush, or those that it answered.</summary>
    public int Count => _count;

    /// <summary>True when the next post needs a flush first.</summary>
    public bool IsFull => !_isFlushed && _count == _capacity;

    /// <summary>The answer to a ticket, until something is posted again.</summary>
    /// <exception cref="InvalidOperationException">It is posted and not flushed: there is no answer yet.</exception>
    public MapResult this[int ticket]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(ticket);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(ticket, _count);
            return _isFlushed ? _results[ticket] : throw new InvalidOperationException("Flush the batch before its answers are read.");
        }
    }

    /// <summary>Posts a map, as <see cref="DmaMapper.TryMap"/>.</summary>
    /// <param name="range">IOVAs inside one hot window; multiples of the smallest page.</param>
    /// <param name="block">The memory.</param>
    /// <param name="offset">Offset of the first byte in <paramref name="block"/>.</param>
    /// <param name="access">What devices may do; not <see cref="DmaAccess.None"/>.</param>
    /// <param name="mayMerge">
    /// True where neighbours of this batch that may merge too can become one mapping. The kernel cuts no mapping, so they are
    /// unmapped together, by a range that holds all of them. Without effect where an address space has several containers.
    /// </param>
    /// <returns>The ticket: posts are numbered from 0 after each flush.</returns>
    /// <exception cref="InvalidOperationException">The batch is full.</exception>
    public int PostMap(IovaRange range, RamBlock block, ulong offset, DmaAccess access, bool mayMerge = false)
    {
        ArgumentNullException.ThrowIfNull(block);
        var ticket = Begin();
        return Post(new HotRequest(HotKind.Map, range, Generation: 0)
        {
            Block = block,
            Offset = offset,
            Access = access,
            MayMerge = mayMerge && _lanes.Length == 1,
            Ticket = ticket,
        });
    }

    /// <summary>Posts an unmap, as <see cref="DmaMapper.TryUnmap"/>.</summary>
    /// <param name="range">IOVAs inside one hot window; cuts no mapping, and holds at least one.</param>
    /// <returns>The ticket.</returns>
    /// <exception cref="InvalidOperationException">The batch is full.</exception>
    public int PostUnmap(IovaRange range) => Post(new HotRequest(HotKind.Unmap, range, Generation: 0) { Ticket = Begin() });

    /// <summary>Waits until all that was posted is done. A map that one container refused is taken back from the others. Without a post in between nothing is done.</summary>
    public void Flush()
    {
        if (_isFlushed)
        {
            return;
        }

        foreach (var answers in _answers)
        {
            answers.Ring.Await(answers);
        }

        for (var ticket = 0; ticket < _count; ticket++)
        {
            _results[ticket] = _posted[ticket].Kind == HotKind.Map ? Mapped(ticket) : Unmapped(ticket);
            _posted[ticket] = default;
        }

        _isFlushed = true;
    }

    /// <summary>What an unmap came to in two containers: a failure before a success, and a success before nothing to do.</summary>
    internal static MapResult Worse(MapResult one, MapResult other) => Weight(other) > Weight(one) ? other : one;

    private static int Weight(MapResult result) => result.Status switch
    {
        MapStatus.Closed => 0,
        MapStatus.NotMapped => 1,
        MapStatus.Ok => 2,
        _ => 3,
    };

    private int Begin()
    {
        if (IsFull)
        {
            throw new InvalidOperationException($"The batch holds {_capacity} posts: flush it first.");
        }

        if (!_isFlushed)
        {
            return _count++;
        }

        _isFlushed = false;
        _count = 1;
        var lanes = _mapper.CurrentLanes;
        if (_lanes != lanes)
        {
            _lanes = lanes;
            _answers = Array.ConvertAll(lanes, lane => new BatchAnswers(lane.Ring, _capacity));
        }

        return 0;
    }

    private int Post(in HotRequest request)
    {
        _posted[request.Ticket] = request;
        for (var lane = 0; lane < _answers.Length; lane++)
        {
            _answers[lane].Expect();
            _lanes[lane].Ring.Post(request with { Answers = _answers[lane], TakesTheSame = _lanes[lane].IsFilling });
        }

        return request.Ticket;
    }

    private MapResult Mapped(int ticket)
    {
        var all = MapResult.Of(_answers.Length == 0 ? MapStatus.NotHot : MapStatus.Ok);
        foreach (var answers in _answers)
        {
            all = all.IsOk ? answers[ticket] : all;
        }

        for (var lane = 0; lane < _answers.Length && !all.IsOk; lane++)
        {
            if (_answers[lane][ticket].IsOk)
            {
                DmaMapper.Undo(_lanes[lane], _posted[ticket].Range);
            }
        }

        return all;
    }

    private MapResult Unmapped(int ticket)
    {
        var all = MapResult.Of(_answers.Length == 0 ? MapStatus.NotHot : MapStatus.Closed);
        foreach (var answers in _answers)
        {
            all = Worse(all, answers[ticket]);
        }

        return all;
    }
}
