namespace Vmm.Testing.Scenarios;

/// <summary>What was left when everything had been released.</summary>
/// <param name="Left">In words: <c>nothing</c>, or what.</param>
/// <param name="Mismatches">What was not as expected.</param>
public sealed record EndResult(string Left, IReadOnlyList<Mismatch> Mismatches)
{
    /// <summary>What was left, and what was not as expected.</summary>
    public override string ToString() =>
        string.Join(Environment.NewLine, [$" end left after the release: {Left}", .. Mismatches.Select(mismatch => $"     {mismatch}")]);
}
