namespace Akka.Event;

/// <summary>A log text that is formatted when a logger asks for it.</summary>
internal sealed class FormattedMessage(ILogMessageFormatter formatter, string format, object[] args)
{
    public override string ToString()
    {
        try
        {
            return formatter.Format(format, args);
        }
        catch (FormatException wrong)
        {
            return $"{format} [{string.Join(", ", args)}] ({wrong.Message})";
        }
    }
}
