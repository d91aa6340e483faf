using System.Threading.Channels;
using Akka.Actor;
using Vmm.Actors.Hosts;

namespace Vmm.Actors.Client;

/// <summary>Hands host events to a reader. The host's credit bounds the channel.</summary>
internal sealed class HostListenerActor : ReceiveActor
{
    private readonly ChannelWriter<HostProtocol.IHostEvent> _events;

    public HostListenerActor(ChannelWriter<HostProtocol.IHostEvent> events)
    {
        _events = events;
        Receive<HostProtocol.IHostEvent>(happened =>
        {
            events.TryWrite(happened);
        });
    }

    /// <inheritdoc/>
    protected override void PostStop() => _events.TryComplete();
}
