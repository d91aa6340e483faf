namespace Akka.Actor;

/// <summary>Messages an actor has put aside.</summary>
public interface IStash
{
    int Count { get; }

    bool IsEmpty { get; }

    bool NonEmpty { get; }

    /// <summary>Always false: the stash has no bound.</summary>
    bool IsFull { get; }

    /// <summary>-1: no bound.</summary>
    int Capacity { get; }

    /// <summary>Puts the current message aside.</summary>
    /// <exception cref="IllegalActorStateException">It was put aside already.</exception>
    void Stash();

    /// <summary>Puts the oldest back before all that wait.</summary>
    void Unstash();

    /// <summary>Puts all back before those that wait, in their order.</summary>
    void UnstashAll();

    /// <summary>Puts those back that the predicate takes, and drops the others.</summary>
    void UnstashAll(Func<Envelope, bool> predicate);

    /// <summary>Takes all out.</summary>
    IEnumerable<Envelope> ClearStash();

    /// <summary>Puts messages before those put aside.</summary>
    void Prepend(IEnumerable<Envelope> envelopes);
}
