using System.Collections.Concurrent;
using Akka.Actor;

namespace Akka.Event;

/// <summary>Events of a system by type: a subscriber gets those of the type, of subtypes and of implementing types. Publishing sends at once.</summary>
public class EventStream : LoggingBus
{
    private readonly Lock _gate = new();
    // ORDERING: written under the gate by Replace, the list before the cache; Deliver reads the cache before the list.
    private volatile (IActorRef Subscriber, Type Channel)[] _subscriptions = [];
    private volatile ConcurrentDictionary<Type, IActorRef[]> _byEventType = new();

    internal EventStream(LogLevel logLevel)
        : base(logLevel)
    {
    }

    public override bool Subscribe(IActorRef subscriber, Type channel)
    {
        ArgumentNullException.ThrowIfNull(subscriber);
        ArgumentNullException.ThrowIfNull(channel);
        var local = subscriber as LocalActorRef;
        if (local is not null) local.IsSubscriber = true;
        lock (_gate)
        {
            if (_subscriptions.Contains((subscriber, channel))) return false;
            Replace([.. _subscriptions, (subscriber, channel)]);
        }
        // It may have ended meanwhile, and then did not see that it is a subscriber.
        if (local is { Cell.IsTerminated: true }) Unsubscribe(subscriber);
        return true;
    }

    public override bool Unsubscribe(IActorRef subscriber, Type channel)
    {
        ArgumentNullException.ThrowIfNull(subscriber);
        return Remove(s => s.Channel == channel && s.Subscriber.Equals(subscriber));
    }

    public override bool Unsubscribe(IActorRef subscriber)
    {
        ArgumentNullException.ThrowIfNull(subscriber);
        return Remove(s => s.Subscriber.Equals(subscriber));
    }

    internal override void Deliver(object @event)
    {
        ArgumentNullException.ThrowIfNull(@event);
        var cache = _byEventType;
        if (!cache.TryGetValue(@event.GetType(), out var subscribers))
        {
            subscribers = [.. _subscriptions.Where(s => s.Channel.IsInstanceOfType(@event)).Select(s => s.Subscriber).Distinct()];
            cache[@event.GetType()] = subscribers;
        }
        foreach (var subscriber in subscribers) subscriber.Tell(@event);
    }

    private bool Remove(Func<(IActorRef Subscriber, Type Channel), bool> matches)
    {
        lock (_gate)
        {
            var left = _subscriptions.Where(s => !matches(s)).ToArray();
            if (left.Length == _subscriptions.Length) return false;
            Replace(left);
            return true;
        }
    }

    private void Replace((IActorRef Subscriber, Type Channel)[] subscriptions)
    {
        // The list first: whoever fills the new cache must see it. A filler of the old cache fills what nobody reads any more.
        _subscriptions = subscriptions;
        _byEventType = new ConcurrentDictionary<Type, IActorRef[]>();
    }
}
