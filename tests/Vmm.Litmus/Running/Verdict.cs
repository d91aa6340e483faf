namespace Vmm.Litmus.Running;

/// <summary>How a run ended; the numbers are the exit codes of a child.</summary>
internal enum Verdict
{
    /// <summary>Nothing went wrong.</summary>
    Passed = 0,

    /// <summary>Something was wrong that no order explains.</summary>
    Violated = 1,

    /// <summary>The run says nothing.</summary>
    Inconclusive = 2,

    /// <summary>Nobody got on any more.</summary>
    Stuck = 3,
}
