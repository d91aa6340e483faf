using System.Text;

namespace Vmm.Testing.Scenarios;

/// <summary>How a scenario went. Holds everything that a timeline or a test wants to know.</summary>
/// <param name="Name">The scenario.</param>
/// <param name="Seed">The order that it ran in.</param>
/// <param name="Steps">Its steps, up to the first that failed.</param>
/// <param name="End">What was left after everything had been released.</param>
public sealed record ScenarioResult(string Name, int Seed, IReadOnlyList<StepResult> Steps, EndResult End)
{
    /// <summary>Why it was not run on a real machine; null when it ran.</summary>
    public string? Skipped { get; init; }

    /// <summary>On a real machine, what stood for what: <c>0000:01:00.0 is 0000:00:05.0</c>, and steps speak of the latter. Else empty.</summary>
    public IReadOnlyList<string> Assigned { get; init; } = [];

    /// <summary>True when it ran, every expectation was met, and nothing was left.</summary>
    public bool Passed => Skipped is null && End.Mismatches.Count == 0 && Steps.All(step => step.Passed);

    /// <summary>All that was not as expected, in order.</summary>
    public IReadOnlyList<Mismatch> Mismatches => [.. Steps.SelectMany(step => step.AllMismatches), .. End.Mismatches];

    /// <summary>A line a step, and what was not as expected: for the message of an assertion.</summary>
    public override string ToString()
    {
        var text = new StringBuilder($"{Name}, seed {Seed}: {(Skipped is { } why ? $"skipped: {why}" : Passed ? "passed" : "failed")}").AppendLine();
        foreach (var step in Steps)
        {
            text.AppendLine(step.ToString());
        }

        return text.Append(End).ToString();
    }
}
