namespace Vmm.Testing.Stepping;

/// <summary>Nothing can run, and what was waited for has not happened.</summary>
public sealed class StalledException : Exception
{
    internal StalledException(string waitedFor, SteppedRun run)
        : base(Describe(waitedFor, run))
    {
    }

    private static string Describe(string waitedFor, SteppedRun run)
    {
        var timers = run.Time.NextDue is { } due
            ? $"{run.Time.Pending} timers wait, the next is due at {due} and the time is {run.Time.Now}: advance the time"
            : "no timer waits: somebody owes a reply";
        var queued = run.Order.Waiting is { Count: > 0 } waiting ? $"; queued: {string.Join(", ", waiting)}" : "; nothing is queued";
        return $"Waited for {waitedFor}, but the system is quiet (seed {run.Order.Seed}, {run.Order.Taken} turns): {timers}{queued}.";
    }
}
