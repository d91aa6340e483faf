using System.Diagnostics;

namespace Akka.TestKit.Internal;

/// <summary>The real time a test waits in.</summary>
internal static class TestClock
{
    internal static TimeSpan Now => Stopwatch.GetElapsedTime(0);

    /// <summary>Passes time on the thread of the test.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled first.</exception>
    internal static void Pass(TimeSpan time, CancellationToken cancellationToken)
    {
        if (time <= TimeSpan.Zero) return;
        using var never = new ManualResetEventSlim();
        never.Wait(time, cancellationToken);
    }
}
