namespace Vmm.Testing.Captures;

/// <summary>What came of a replay.</summary>
/// <param name="Capture">What was replayed.</param>
/// <param name="Steps">The steps that were taken: all, or in mode qemu those up to the first difference.</param>
/// <param name="Left">What was held when everything had been released, in words; null when nothing was.</param>
public sealed record ReplayResult(Capture Capture, IReadOnlyList<ReplayStep> Steps, string? Left)
{
    /// <summary>The first difference; null when there was none.</summary>
    public ReplayDifference? Difference => Steps.Select(step => step.Difference).FirstOrDefault(difference => difference is not null);

    /// <summary>True when nothing differed and nothing was left.</summary>
    public bool Passed => Difference is null && Left is null;

    /// <summary>QEMU's figures over all steps.</summary>
    public ReplayFigures Qemu => Steps.Aggregate(ReplayFigures.None, (sum, step) => sum + step.Qemu);

    /// <summary>Our figures over all steps.</summary>
    public ReplayFigures Ours => Steps.Aggregate(ReplayFigures.None, (sum, step) => sum + step.Ours);
}
