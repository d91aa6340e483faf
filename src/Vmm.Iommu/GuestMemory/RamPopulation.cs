using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;

namespace Vmm.Iommu.GuestMemory;

/// <summary>
/// Memory on its way to have pages before a device's mapping pins them. Pinning would fault each page in by one thread, with
/// the container's turn held; here any number of threads take slices until none is left. Each block is leased while it lasts.
/// Thread-safe.
/// </summary>
/// <remarks>
/// The first error stops it: what is populated by then stays so, for nobody can tell it from what was there before.
/// Nothing is ever touched by hand where the kernel cannot populate: a write could race with the guest's own.
/// </remarks>
public sealed class RamPopulation
{
    /// <summary>Bytes of a slice, unless a page is larger: what one call populates, and what a cancel waits for.</summary>
    public const ulong SliceLength = 64UL << 20;

    // KERNEL: a signal that the runtime sends to a thread may end a call early; what it did is done.
    private const int MostInterruptions = 1000;

    private readonly IMemory _memory;
    private readonly Queue<RamPiece> _waiting;
    private readonly List<RamLease> _leases = [];
    private readonly Action<PopulationProgress>? _progress;
    private readonly TaskCompletionSource<PopulationOutcome> _ended = new();
    private readonly Action<PopulationOutcome>? _told;
    private readonly CancellationToken _cancel;
    private readonly Lock _gate = new();
    private readonly ulong _total;
    private ulong _offset;
    private ulong _done;
    private int _running;
    private Errno _errno;
    private RamPiece? _at;
    private bool _isOver;
    private bool _isCanceled;

    /// <summary>Takes a lease on every block; a block that is retired already ends the population with EBADF. Nothing is populated yet.</summary>
    /// <param name="memory">Which kernel.</param>
    /// <param name="pieces">What is to be populated, in order.</param>
    /// <param name="progress">Told after each slice, by the thread that populated it, one at a time and rising; must be quick and must not throw. Null for nobody.</param>
    /// <param name="ended">Told the outcome once, by the thread that found it over, just before <see cref="Ended"/>; must not throw. Null for nobody.</param>
    /// <param name="cancel">Takes the rest back: no further slice is begun.</param>
    public RamPopulation(
        IMemory memory,
        IEnumerable<RamPiece> pieces,
        Action<PopulationProgress>? progress = null,
        Action<PopulationOutcome>? ended = null,
        CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(memory);
        ArgumentNullException.ThrowIfNull(pieces);
        _memory = memory;
        _waiting = new Queue<RamPiece>(pieces.Where(piece => piece.Length > 0));
        _progress = progress;
        _told = ended;
        _cancel = cancel;
        _total = _waiting.Aggregate(0UL, (sum, piece) => sum + piece.Length);
        foreach (var piece in _waiting)
        {
            Slices += (piece.Length + SliceOf(piece) - 1) / SliceOf(piece);
            if (piece.Block.TryLease(out var lease))
            {
                _leases.Add(lease);
            }
            else if (_errno.IsNone)
            {
                (_errno, _at) = (Errno.EBADF, piece);
            }
        }
    }

    /// <summary>Ends when no slice is left, an error was met or it was taken back, and no thread is in a slice any more. Never faults. Continuations run on the last thread.</summary>
    public Task<PopulationOutcome> Ended => _ended.Task;

    /// <summary>How many slices there are in all: threads beyond that have nothing to do.</summary>
    public ulong Slices { get; }

    /// <summary>Populates the next slice on the calling thread. Each thread calls it until it answers false; at least one has to.</summary>
    /// <returns>False when there is nothing more to begin.</returns>
    public bool PopulateNext()
    {
        RamPiece slice;
        PopulationOutcome? outcome = null;
        bool isTaken;
        lock (_gate)
        {
            _isCanceled |= !_isOver && _cancel.IsCancellationRequested;
            isTaken = TryTake(out slice);
            if (isTaken)
            {
                _running++;
            }
            else
            {
                outcome = OutcomeIfOver();
            }
        }

        if (isTaken)
        {
            var populated = Populate(slice);
            lock (_gate)
            {
                Note(slice, populated);
                outcome = OutcomeIfOver();
            }
        }

        if (outcome is not null)
        {
            // Outside the gate: what follows the end runs on this thread.
            _leases.ForEach(lease => lease.End());
            _told?.Invoke(outcome);
            _ended.SetResult(outcome);
        }

        return isTaken && outcome is null;
    }

    /// <summary>Takes the rest back, as the token does: no further slice is begun, and the end is told when those under way are done.</summary>
    public void Cancel()
    {
        lock (_gate)
        {
            _isCanceled |= !_isOver;
        }
    }

    /// <summary>Populates by threads of its own, as many as there are slices and at most <paramref name="threads"/>.</summary>
    /// <param name="threads">At least one; as many as cores are worth it.</param>
    /// <returns><see cref="Ended"/>.</returns>
    public Task<PopulationOutcome> Start(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        for (var i = Math.Clamp(Slices, 1, (ulong)threads); i > 0; i--)
        {
            new Thread(PopulateRest) { IsBackground = true, Name = $"populate {i}" }.Start();
        }

        return Ended;
    }

    private void PopulateRest()
    {
        while (PopulateNext())
        {
        }
    }

    private SysResult Populate(RamPiece slice)
    {
        SysResult populated;
        var rounds = 0;
        do
        {
            populated = _memory.Populate(slice.Block.Address.Plus(slice.Offset), slice.Length, slice.IsWritable);
        }
        while (populated.Errno == Errno.EINTR && ++rounds < MostInterruptions && !_cancel.IsCancellationRequested);

        return populated;
    }

    private static ulong SliceOf(RamPiece piece) => Math.Max(SliceLength, piece.Block.PageSize);

    /// <summary>Called under the gate.</summary>
    private bool TryTake(out RamPiece slice)
    {
        if (_isCanceled || !_errno.IsNone || !_waiting.TryPeek(out var piece))
        {
            slice = default;
            return false;
        }

        var length = Math.Min(SliceOf(piece), piece.Length - _offset);
        slice = piece with { Offset = piece.Offset + _offset, Length = length };
        _offset += length;
        if (_offset == piece.Length)
        {
            _waiting.Dequeue();
            _offset = 0;
        }

        return true;
    }

    /// <summary>Called under the gate.</summary>
    private void Note(RamPiece slice, SysResult populated)
    {
        _running--;
        if (populated.IsOk)
        {
            _done += slice.Length;
            _progress?.Invoke(new PopulationProgress(_done, _total));
        }
        else if (_errno.IsNone)
        {
            (_errno, _at) = (populated.Errno, slice);
        }
    }

    /// <summary>The outcome, once, for the caller that finds it over. Called under the gate.</summary>
    private PopulationOutcome? OutcomeIfOver()
    {
        if (_isOver || _running > 0 || (_waiting.Count > 0 && _errno.IsNone && !_isCanceled))
        {
            return null;
        }

        _isOver = true;
        return new PopulationOutcome(_done, _total, _errno, _at, _isCanceled);
    }
}
