using System.Collections.Concurrent;
using Akka.Actor;

namespace Vmm.Actors;

/// <summary>Commands that were accepted and not answered. Outlives the actors, so that each is answered once whoever stops meanwhile.</summary>
internal sealed class PendingCommands
{
    private readonly ConcurrentDictionary<Guid, (string Space, IActorRef ReplyTo)> _pending = new();

    /// <summary>A command is on its way to a space.</summary>
    public void Accept(Guid command, string space, IActorRef replyTo) => _pending[command] = (space, replyTo);

    /// <summary>Answers a command, unless it was answered before.</summary>
    public void Answer(Guid command, object reply, IActorRef from)
    {
        if (_pending.TryRemove(command, out var entry))
        {
            entry.ReplyTo.Tell(reply, from);
        }
    }

    /// <summary>The commands of a space that nobody has answered.</summary>
    public IReadOnlyList<Guid> Of(string space) =>
        [.. _pending.Where(entry => entry.Value.Space == space).Select(entry => entry.Key)];
}
