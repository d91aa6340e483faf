using System.Threading.Channels;
using Akka.Actor;

namespace Vmm.Actors.Client;

/// <summary>Hands events of one source to a reader. The source's credit bounds the channel.</summary>
/// <typeparam name="TEvent">The events.</typeparam>
internal sealed class ListenerActor<TEvent> : ReceiveActor
    where TEvent : IWatchEvent
{
    private readonly ChannelWriter<TEvent> _events;

    public ListenerActor(ChannelWriter<TEvent> events)
    {
        _events = events;
        Receive<TEvent>(happened =>
        {
            events.TryWrite(happened);
        });
        Receive<WatchEnded>(_ => Context.Stop(Self));
    }

    /// <inheritdoc/>
    protected override void PostStop() => _events.TryComplete();
}
