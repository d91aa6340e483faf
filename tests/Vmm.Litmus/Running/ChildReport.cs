namespace Vmm.Litmus.Running;

/// <summary>What a child came to.</summary>
/// <param name="Verdict">How it ended.</param>
/// <param name="Rounds">Rounds that it began.</param>
/// <param name="Time">Its life.</param>
/// <param name="Words">What was wrong, and where its threads were.</param>
internal sealed record ChildReport(Verdict Verdict, long Rounds, TimeSpan Time, string Words)
{
    /// <summary>The first line.</summary>
    public string Line => Words.Split('\n')[0];
}
