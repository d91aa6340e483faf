namespace Vmm.Contract.Running;

/// <summary>How one test ended.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Outcome">In the words of a TRX file: <c>Passed</c>, <c>Failed</c>, <c>NotExecuted</c>.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="Words">Why it failed or was skipped.</param>
internal sealed record TestOutcome(string Name, string Outcome, decimal Seconds, string Words);
