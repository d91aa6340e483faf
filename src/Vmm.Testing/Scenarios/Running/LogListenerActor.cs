using Akka.Actor;
using Akka.Event;

namespace Vmm.Testing.Scenarios.Running;

/// <summary>Keeps what the VMM's actors log, in order.</summary>
internal sealed class LogListenerActor : ReceiveActor
{
    public LogListenerActor(ICollection<string> lines)
    {
        Receive<LogEvent>(line => lines.Add($"{line.GetType().Name}: {line.Message}"));
    }
}
