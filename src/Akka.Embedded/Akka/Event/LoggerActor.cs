using Akka.Actor;

namespace Akka.Event;

/// <summary>An actor below /system that writes log events somewhere.</summary>
internal abstract class LoggerActor : UntypedActor
{
    protected sealed override void OnReceive(object message)
    {
        if (message is LogEvent line) Write(line);
    }

    protected abstract void Write(LogEvent line);
}

/// <summary>Writes to the standard output.</summary>
internal sealed class DefaultLogger : LoggerActor
{
    protected override void Write(LogEvent line) => Console.WriteLine(line);
}
