namespace Vmm.Testing.Decorators;

/// <summary>What a <see cref="FailSweep"/> found.</summary>
/// <param name="Operation">The operation.</param>
/// <param name="Calls">Calls that it makes when none fails.</param>
/// <param name="Trials">Trials in which a call failed.</param>
/// <param name="Struck">The calls that failed in some trial, by name, in ordinal order.</param>
/// <param name="Wrong">What was wrong, one line each: operation, call, errno, moment, and what was found.</param>
public sealed record FailSweepResult(string Operation, long Calls, int Trials, IReadOnlyList<string> Struck, IReadOnlyList<string> Wrong)
{
    /// <summary>True when nothing was wrong.</summary>
    public bool IsClean => Wrong.Count == 0;

    /// <summary>The counts, then what was wrong, a line each.</summary>
    public override string ToString() =>
        string.Join('\n', Wrong.Prepend($"{Operation}: {Calls} calls, {Trials} trials, {Wrong.Count} wrong"));
}
