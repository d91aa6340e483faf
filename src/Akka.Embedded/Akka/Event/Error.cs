namespace Akka.Event;

public class Error : LogEvent
{
    public Error(Exception cause, string logSource, Type logClass, object message) => Fill(cause, logSource, logClass, message);

    public override LogLevel LogLevel() => Event.LogLevel.ErrorLevel;
}
