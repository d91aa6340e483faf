using Akka.Actor;

namespace Vmm.Actors;

/// <summary>
/// Who listens to one source of numbered events, and how far each is behind. One that is slow, or dead, costs the others
/// nothing: beyond its credit nothing is kept for it. Part of a ledger, used by the source's actor alone.
/// </summary>
internal sealed class Subscribers
{
    private readonly Dictionary<IActorRef, Subscription> _all = [];

    /// <summary>Number of the newest event.</summary>
    public long Sequence { get; private set; }

    /// <summary>Everyone who listens.</summary>
    public IReadOnlyList<IActorRef> All => [.. _all.Keys];

    /// <summary>Takes the number of the event to come.</summary>
    public long TakeNumber() => ++Sequence;

    /// <summary>Someone listens from the newest event on.</summary>
    /// <param name="subscriber">Who.</param>
    /// <param name="credit">Events that may be on the way to it; less than 1 counts as 1.</param>
    public void Add(IActorRef subscriber, int credit) => _all[subscriber] = new Subscription(Math.Max(1, credit), Sequence);

    /// <summary>Someone listens no more; false when it did not.</summary>
    public bool Remove(IActorRef subscriber) => _all.Remove(subscriber);

    /// <summary>Tells an event to those who have credit; the others lose it.</summary>
    public void Publish(IWatchEvent happened, IActorRef from)
    {
        foreach (var (subscriber, subscription) in _all)
        {
            if (subscription.TrySend(happened.Sequence))
            {
                subscriber.Tell(happened, from);
            }
        }
    }

    /// <summary>A listener has dealt with events up to a number; gives how many it lost, once it has dealt with all that it got.</summary>
    public long Acknowledge(IActorRef subscriber, long sequence) =>
        _all.TryGetValue(subscriber, out var subscription) ? subscription.Acknowledge(sequence) : 0;

    /// <summary>The actor was replaced, and acknowledgements may have gone with the former one: everyone has all its credit again.</summary>
    /// <returns>Those who lost events, with how many: they are to get a snapshot.</returns>
    public IReadOnlyList<(IActorRef Subscriber, long Lost)> Renew() =>
        [.. _all.Select(entry => (entry.Key, Lost: entry.Value.Renew())).Where(entry => entry.Lost > 0)];
}
