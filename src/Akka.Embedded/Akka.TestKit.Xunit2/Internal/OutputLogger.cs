using Akka.Event;
using Xunit.Abstractions;

namespace Akka.TestKit.Internal;

/// <summary>Writes log events to the output of a test.</summary>
internal sealed class OutputLogger(ITestOutputHelper output) : LoggerActor
{
    private bool _testIsOver;

    protected override void Write(LogEvent line)
    {
        if (_testIsOver) return;
        try
        {
            output.WriteLine(line.ToString());
        }
        catch (InvalidOperationException)
        {
            // The framework takes no lines once the test method has returned.
            _testIsOver = true;
        }
    }
}
