namespace Akka.Actor;

internal sealed class StashQueue(ActorCell cell) : IStash
{
    private LinkedList<Envelope> _stashed = [];
    private long _lastEnvelope;

    public int Count => _stashed.Count;

    public bool IsEmpty => _stashed.Count == 0;

    public bool NonEmpty => _stashed.Count > 0;

    public bool IsFull => false;

    public int Capacity => -1;

    public void Stash()
    {
        var message = cell.CurrentMessage ?? throw new IllegalActorStateException("There is no current message to stash.");
        if (cell.EnvelopeId == _lastEnvelope) throw new IllegalActorStateException($"Can't stash the same message {message} more than once");
        _lastEnvelope = cell.EnvelopeId;
        _stashed.AddLast(new Envelope(message, cell.Sender));
    }

    public void Unstash()
    {
        if (_stashed.First is not { } oldest) return;
        _stashed.RemoveFirst();
        GiveBack([oldest.Value]);
    }

    public void UnstashAll() => UnstashAll(_ => true);

    public void UnstashAll(Func<Envelope, bool> predicate) => GiveBack(ClearStash().Where(predicate).ToArray());

    public IEnumerable<Envelope> ClearStash()
    {
        var all = _stashed;
        _stashed = [];
        return all;
    }

    public void Prepend(IEnumerable<Envelope> envelopes)
    {
        foreach (var envelope in envelopes.Reverse()) _stashed.AddFirst(envelope);
    }

    private void GiveBack(Envelope[] envelopes)
    {
        if (envelopes.Length == 0) return;
        foreach (var envelope in envelopes)
        {
            if (envelope.Message is Terminated end) cell.ExpectAgain(end);
        }
        cell.Mailbox.Prepend(envelopes);
    }
}
