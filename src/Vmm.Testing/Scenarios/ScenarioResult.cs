using System.Text;

namespace Vmm.Testing.Scenarios;

/// <summary>How a scenario went. Holds everything that a timeline or a test wants to know.</summary>
/// <param name="Name">The scenario.</param>
/// <param name="Seed">The order that it ran in.</param>
/// <param name="Steps">Its steps, up to the first that failed.</param>
/// <param name="End">What was left after everything had been released.</param>
public sealed record ScenarioResult(string Name, int Seed, IReadOnlyList<StepResult> Steps, EndResult End)
{
    /// <summary>True when every expectation was met, and nothing was left.</summary>
    public bool Passed => End.Mismatches.Count == 0 && Steps.All(step => step.Passed);

    /// <summary>All that was not as expected, in order.</summary>
    public IReadOnlyList<Mismatch> Mismatches => [.. Steps.SelectMany(step => step.AllMismatches), .. End.Mismatches];

    /// <summary>A line a step, and what was not as expected: for the message of an assertion.</summary>
    public override string ToString()
    {
        var text = new StringBuilder($"{Name}, seed {Seed}: {(Passed ? "passed" : "failed")}").AppendLine();
        foreach (var step in Steps)
        {
            text.AppendLine(step.ToString());
        }

        return text.Append(End).ToString();
    }
}
