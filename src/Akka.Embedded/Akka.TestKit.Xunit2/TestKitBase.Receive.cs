using System.Collections;
using Akka.TestKit.Internal;
using Xunit;

namespace Akka.TestKit;

/// <content>Receiving without an opinion.</content>
public abstract partial class TestKitBase
{
    /// <summary>The next message, or null when none came in time.</summary>
    public object ReceiveOne(TimeSpan? max = null, CancellationToken cancellationToken = default) => Take(RemainingOrAsGiven(max), cancellationToken)?.Message;

    /// <summary>The next message, left where it is; null when none came in time.</summary>
    public object PeekOne(TimeSpan? max = null, CancellationToken cancellationToken = default) =>
        _received.Peek(RemainingOrAsGiven(max), cancellationToken)?.Message;

    public object PeekOne(CancellationToken cancellationToken) => PeekOne(null, cancellationToken);

    public IReadOnlyCollection<object> ReceiveN(int numberOfMessages, CancellationToken cancellationToken = default) =>
        ReceiveMany(numberOfMessages, RemainingOrDefault, cancellationToken);

    /// <summary>So many messages, or a failure when they do not come in time.</summary>
    public IReadOnlyCollection<object> ReceiveN(int numberOfMessages, TimeSpan max, CancellationToken cancellationToken = default) =>
        ReceiveMany(numberOfMessages, Dilated(max), cancellationToken);

    public object FishForMessage(Predicate<object> isMessage, TimeSpan? max = null, string hint = "", CancellationToken cancellationToken = default) =>
        FishForMessage<object>(isMessage, max, hint, cancellationToken);

    public T FishForMessage<T>(Predicate<T> isMessage, TimeSpan? max = null, string hint = "", CancellationToken cancellationToken = default) =>
        FishForMessage(isMessage, null, max, hint, cancellationToken);

    /// <summary>Drops messages until one fits; collects what it drops in <paramref name="allMessages"/>.</summary>
    public T FishForMessage<T>(
        Predicate<T> isMessage, ArrayList allMessages, TimeSpan? max = null, string hint = "", CancellationToken cancellationToken = default)
    {
        var time = RemainingOrDilated(max);
        var end = Now + time;
        allMessages?.Clear();
        while (Take(Max(end - Now, TimeSpan.Zero), cancellationToken) is { } received)
        {
            if (received.Message is T message && isMessage(message)) return message;
            allMessages?.Add(received.Message);
        }
        Assert.Fail($"Timeout ({time}) during FishForMessage{(string.IsNullOrEmpty(hint) ? "" : ", hint: " + hint)}");
        return default;
    }

    public IReadOnlyList<T> ReceiveWhile<T>(
        TimeSpan? max, Func<object, T> filter, int msgs = int.MaxValue, CancellationToken cancellationToken = default) =>
        ReceiveWhile(max, Timeout.InfiniteTimeSpan, filter, msgs, cancellationToken);

    /// <summary>Messages as long as the filter makes something of them; the first of which it makes null stays.</summary>
    public IReadOnlyList<T> ReceiveWhile<T>(
        TimeSpan? max, TimeSpan? idle, Func<object, T> filter, int msgs = int.MaxValue, CancellationToken cancellationToken = default)
    {
        var results = new List<T>();
        var end = Now + RemainingOrDilated(max);
        while (results.Count < msgs && PeekNext(end, idle, cancellationToken) is { } next && filter(next.Message) is { } result)
        {
            Take(TimeSpan.Zero, cancellationToken);
            results.Add(result);
        }
        _lastWasNoMsg = true;
        return results;
    }

    public IReadOnlyList<T> ReceiveWhile<T>(
        Func<object, T> filter, TimeSpan? max = null, TimeSpan? idle = null, int msgs = int.MaxValue, CancellationToken cancellationToken = default) =>
        ReceiveWhile(max, idle, filter, msgs, cancellationToken);

    /// <summary>Messages of a type as long as the predicate holds; the first for which it does not stays.</summary>
    public IReadOnlyList<T> ReceiveWhile<T>(
        Predicate<T> shouldContinue,
        TimeSpan? max = null,
        TimeSpan? idle = null,
        int msgs = int.MaxValue,
        bool shouldIgnoreOtherMessageTypes = true,
        CancellationToken cancellationToken = default)
    {
        var results = new List<T>();
        var end = Now + RemainingOrDilated(max);
        while (results.Count < msgs && PeekNext(end, idle, cancellationToken) is { } next)
        {
            if (next.Message is T message)
            {
                if (!shouldContinue(message)) break;
                results.Add(message);
            }
            else if (!shouldIgnoreOtherMessageTypes)
            {
                break;
            }
            Take(TimeSpan.Zero, cancellationToken);
        }
        _lastWasNoMsg = true;
        return results;
    }

    private ReceivedMessage Take(TimeSpan max, CancellationToken cancellationToken)
    {
        _lastWasNoMsg = false;
        var received = _received.Take(max, cancellationToken);
        if (received is not null) _last = received;
        return received;
    }

    private ReceivedMessage PeekNext(TimeSpan end, TimeSpan? idle, CancellationToken cancellationToken)
    {
        var left = Max(end - Now, TimeSpan.Zero);
        return _received.Peek(idle is { } time && time >= TimeSpan.Zero ? Min(time, left) : left, cancellationToken);
    }

    private object[] ReceiveMany(int count, TimeSpan max, CancellationToken cancellationToken)
    {
        var end = Now + max;
        var messages = new List<object>();
        while (messages.Count < count)
        {
            var next = Take(Max(end - Now, TimeSpan.Zero), cancellationToken);
            if (next is null) Assert.Fail($"Timeout ({max}) while expecting {count} messages. Only got {messages.Count} after {max}: {string.Join(", ", messages)}");
            messages.Add(next!.Message);
        }
        return [.. messages];
    }

    // A negative time waits for ever here.
    private TimeSpan RemainingOrAsGiven(TimeSpan? max) => max is { } time && time < TimeSpan.Zero ? Timeout.InfiniteTimeSpan : RemainingOrDilated(max);
}
