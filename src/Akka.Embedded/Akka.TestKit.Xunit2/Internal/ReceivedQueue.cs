namespace Akka.TestKit.Internal;

/// <summary>What a test actor got and the test has not looked at yet.</summary>
internal sealed class ReceivedQueue
{
    private readonly object _gate = new();
    private readonly Queue<ReceivedMessage> _queue = new();

    internal int Count
    {
        get
        {
            lock (_gate) return _queue.Count;
        }
    }

    internal void Add(ReceivedMessage message)
    {
        lock (_gate)
        {
            _queue.Enqueue(message);
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>The next message, waiting for it at most so long; null when none came.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled first.</exception>
    internal ReceivedMessage Take(TimeSpan max, CancellationToken cancellationToken) => Next(max, remove: true, cancellationToken);

    /// <summary>As Take, and leaves it there.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled first.</exception>
    internal ReceivedMessage Peek(TimeSpan max, CancellationToken cancellationToken) => Next(max, remove: false, cancellationToken);

    private ReceivedMessage Next(TimeSpan max, bool remove, CancellationToken cancellationToken)
    {
        using var registration = cancellationToken.Register(Wake);
        var end = TestClock.Now + max;
        lock (_gate)
        {
            while (_queue.Count == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var left = end - TestClock.Now;
                if (max != Timeout.InfiniteTimeSpan && left <= TimeSpan.Zero) return null;
                if (max == Timeout.InfiniteTimeSpan) Monitor.Wait(_gate);
                else Monitor.Wait(_gate, (int)Math.Ceiling(left.TotalMilliseconds));
            }
            return remove ? _queue.Dequeue() : _queue.Peek();
        }
    }

    private void Wake()
    {
        lock (_gate) Monitor.PulseAll(_gate);
    }
}
