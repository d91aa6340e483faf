using Akka.Actor;

namespace Vmm.Testing.Stepping;

/// <summary>A clock that stands still until told to advance, and what is due on it. Thread-safe.</summary>
public sealed class VirtualTime
{
    private readonly Lock _gate = new();
    private readonly PriorityQueue<Entry, (TimeSpan At, long Number)> _entries = new();
    private long _numbers;
    private TimeSpan _now;

    /// <summary>Time since the start.</summary>
    public TimeSpan Now
    {
        get
        {
            lock (_gate)
            {
                return _now;
            }
        }
    }

    /// <summary>Timers that wait, cancelled ones not counted.</summary>
    public int Pending
    {
        get
        {
            lock (_gate)
            {
                return _entries.UnorderedItems.Count(entry => !entry.Element.IsCancelled);
            }
        }
    }

    /// <summary>When the next timer is due; null when none waits.</summary>
    public TimeSpan? NextDue
    {
        get
        {
            lock (_gate)
            {
                return _entries.UnorderedItems.Where(entry => !entry.Element.IsCancelled).Select(entry => (TimeSpan?)entry.Priority.At).Min();
            }
        }
    }

    /// <summary>Moves the clock on, timer by timer: each runs at its own time, and a repeating one as often as it is due.</summary>
    /// <param name="by">How far; not negative.</param>
    /// <param name="afterEach">Runs after each timer, with the clock at its time.</param>
    public void Advance(TimeSpan by, Action afterEach)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        ArgumentNullException.ThrowIfNull(afterEach);
        var end = Now + by;
        while (TryTakeDue(end, out var entry))
        {
            entry.Run();
            afterEach();
        }

        lock (_gate)
        {
            _now = end;
        }
    }

    internal void Add(TimeSpan delay, TimeSpan? interval, Action run, ICancelable? cancelable)
    {
        lock (_gate)
        {
            _entries.Enqueue(new Entry(run, interval, cancelable), (_now + delay, _numbers++));
        }
    }

    private bool TryTakeDue(TimeSpan end, out Entry entry)
    {
        lock (_gate)
        {
            while (_entries.TryPeek(out entry!, out var due) && due.At <= end)
            {
                _entries.Dequeue();
                if (entry.IsCancelled)
                {
                    continue;
                }

                _now = due.At;
                if (entry.Interval is { } interval)
                {
                    _entries.Enqueue(entry, (due.At + interval, _numbers++));
                }

                return true;
            }

            return false;
        }
    }

    private sealed record Entry(Action Run, TimeSpan? Interval, ICancelable? Cancelable)
    {
        public bool IsCancelled => Cancelable is { IsCancellationRequested: true };
    }
}
