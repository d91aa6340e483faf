namespace Vmm.Contract.Running;

/// <summary>How a run ended.</summary>
/// <param name="Outcomes">Each test, in the order in which they ended.</param>
internal sealed record TestReport(IReadOnlyList<TestOutcome> Outcomes)
{
    public int Passed => Outcomes.Count(outcome => outcome.Outcome == "Passed");

    public int Failed => Outcomes.Count(outcome => outcome.Outcome == "Failed");

    public int Skipped => Outcomes.Count - Passed - Failed;
}
