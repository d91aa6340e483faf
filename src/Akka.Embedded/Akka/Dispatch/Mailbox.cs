using System.Collections.Concurrent;
using Akka.Actor;

namespace Akka.Dispatch;

/// <summary>The queue of an actor, and its turns: at most one thread runs it at a time.</summary>
internal sealed class Mailbox(ActorCell cell, MessageDispatcher dispatcher) : IRunnable
{
    private const int Idle = 0;
    private const int Scheduled = 1;
    private const int Closed = 2;

    private readonly ConcurrentQueue<Envelope> _queue = new();
    private readonly int _mostAfterFirst = Math.Max(dispatcher.Throughput, 0);

    // Unstashed messages, next on top. Touched only by the thread whose turn it is.
    private Stack<Envelope> _front;
    private SystemMessage _system;
    private int _status;
    private bool _suspended;
    private bool _closed;

    // ORDERING: partner of the write in Close.
    internal bool IsClosed => Volatile.Read(ref _closed);

    internal void Post(in Envelope envelope)
    {
        _queue.Enqueue(envelope);
        // ORDERING: Enqueue claims its slot by an interlocked operation before this read; Release and Close
        // exchange the status before they look at the queue. So one of both sides sees the other.
        if (Volatile.Read(ref _status) != Scheduled) Wake();
    }

    internal void PostSystem(SystemMessage message)
    {
        // ORDERING: as in Post: published by an interlocked operation, then the status is read.
        var head = Volatile.Read(ref _system);
        while (true)
        {
            message.Next = head;
            var seen = Interlocked.CompareExchange(ref _system, message, head);
            if (ReferenceEquals(seen, head)) break;
            head = seen;
        }
        if (Volatile.Read(ref _status) != Scheduled) Wake();
    }

    /// <summary>Puts messages before all that wait, keeping their order. Only on the actor's own turn.</summary>
    internal void Prepend(IEnumerable<Envelope> envelopes)
    {
        _front ??= [];
        foreach (var envelope in envelopes.Reverse()) _front.Push(envelope);
    }

    /// <summary>User messages wait from now on. Only on the actor's own turn.</summary>
    internal void Suspend() => _suspended = true;

    /// <summary>Ends the mailbox: what waits and what still comes are dead letters. Only on the actor's own turn.</summary>
    internal void Close()
    {
        // ORDERING: _closed is for IsClosed; the exchange is the partner of the status reads in Post and PostSystem.
        Volatile.Write(ref _closed, true);
        Interlocked.Exchange(ref _status, Closed);
        while (_front is { Count: > 0 }) Bury(_front.Pop());
        Drain();
    }

    /// <summary>One turn: all system messages, then user messages up to one more than the throughput.</summary>
    public void Run()
    {
        if (_closed) return;
        var outer = ActorCell.Current;
        ActorCell.Current = cell;
        try
        {
            RunSystemMessages();
            var left = _mostAfterFirst;
            while (!_suspended && TryTake(out var envelope))
            {
                cell.Invoke(envelope);
                // ORDERING: partner of the push in PostSystem; one that is missed here is seen by Release.
                if (Volatile.Read(ref _system) is not null) RunSystemMessages();
                if (left-- == 0) break;
            }
        }
        finally
        {
            ActorCell.Current = outer;
            if (!_closed) Release();
        }
    }

    void IThreadPoolWorkItem.Execute() => Run();

    private bool TryTake(out Envelope envelope)
    {
        if (_front is { Count: > 0 })
        {
            envelope = _front.Pop();
            return true;
        }
        return _queue.TryDequeue(out envelope);
    }

    private void RunSystemMessages()
    {
        while (!_closed && TakeSystemMessages() is { } message)
        {
            for (; message is not null; message = message.Next)
            {
                if (_closed) DeadLetterActorRef.AnswerForTheDead(message, cell.Self);
                else cell.InvokeSystem(message);
            }
        }
    }

    /// <summary>All system messages, oldest first.</summary>
    private SystemMessage TakeSystemMessages()
    {
        // ORDERING: partner of the push in PostSystem: a message is in this list or in the next one, never in both.
        var newest = Interlocked.Exchange(ref _system, null);
        SystemMessage oldest = null;
        while (newest is not null)
        {
            var older = newest.Next;
            newest.Next = oldest;
            oldest = newest;
            newest = older;
        }
        return oldest;
    }

    private void Release()
    {
        // Read before the mailbox is let go: afterwards they belong to the next turn.
        var userMayRun = !_suspended;
        var hasFront = _front is { Count: > 0 };
        // ORDERING: partner of the status reads in Post and PostSystem.
        Interlocked.Exchange(ref _status, Idle);
        if (Volatile.Read(ref _system) is not null || (userMayRun && (hasFront || !_queue.IsEmpty))) Wake();
    }

    private void Wake()
    {
        // ORDERING: partner of the exchanges in Release and Close: one of those that wake it schedules it.
        var was = Interlocked.CompareExchange(ref _status, Scheduled, Idle);
        if (was == Idle) dispatcher.Schedule(this);
        else if (was == Closed) Drain();
    }

    private void Drain()
    {
        for (var message = TakeSystemMessages(); message is not null; message = message.Next) DeadLetterActorRef.AnswerForTheDead(message, cell.Self);
        while (_queue.TryDequeue(out var envelope)) Bury(envelope);
    }

    private void Bury(in Envelope envelope) => cell.SystemImpl.DeadLetterRef.Publish(envelope.Message, envelope.Sender, cell.Self);
}
