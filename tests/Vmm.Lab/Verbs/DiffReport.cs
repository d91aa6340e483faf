using System.Text.Json;
using System.Text.Json.Serialization;
using Vmm.Contract.Running;
using Vmm.Lab.Histories;
using Vmm.Lab.Running;

namespace Vmm.Lab.Verbs;

/// <summary>What a differential run found.</summary>
/// <param name="Kernels">Which two.</param>
/// <param name="Backend">What the histories were about.</param>
/// <param name="Seed">Their seed.</param>
/// <param name="Operations">Operations that both kernels ran and answered alike, shrinking not counted.</param>
/// <param name="Histories">Histories, each in fresh state.</param>
/// <param name="Seconds">Time for them.</param>
/// <param name="Differences">What differed, shrunk.</param>
/// <param name="Tally">By operation: how often each errno came; null where nobody counted.</param>
internal sealed record DiffReport(
    string Kernels,
    string Backend,
    ulong Seed,
    long Operations,
    int Histories,
    double Seconds,
    IReadOnlyList<FoundDifference> Differences,
    IReadOnlyDictionary<string, SortedDictionary<string, long>>? Tally = null)
{
    private static readonly JsonSerializerOptions Shape = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>One JSON document.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Shape);

    /// <summary>One line.</summary>
    public string ToLine() =>
        $"{Kernels}: backend {Backend}, seed {Seed}: {Operations} operations in {Histories} histories, {Operations / Math.Max(Seconds, 0.001):0} a second: "
        + (Differences.Count == 0 ? "no difference" : $"{Differences.Count} different");

    /// <summary>The line, and the tally below it where there is one.</summary>
    public string ToText() => Tally is null ? ToLine() : ToLine() + '\n' + DiffTally.ToText(Tally).TrimEnd('\n');

    /// <summary>The run as a test, which failed with its differences when there are any.</summary>
    public TestOutcome ToTest() => new(
        $"diff of {Kernels}: backend {Backend}, seed {Seed}",
        Differences.Count == 0 ? "Passed" : "Failed",
        (decimal)Seconds,
        string.Join('\n', Differences.Select(difference => difference.ToText("first", "second"))));
}

/// <summary>One difference, as small as it gets.</summary>
/// <param name="Number">Which history of the run.</param>
/// <param name="Call">The operation that differs; what is left behind for none.</param>
/// <param name="First">The first kernel's answer.</param>
/// <param name="Second">The second kernel's answer.</param>
/// <param name="History">The history that shows it, a line an operation.</param>
internal sealed record FoundDifference(int Number, string Call, string First, string Second, IReadOnlyList<string> History)
{
    /// <summary>From what the runner found.</summary>
    public static FoundDifference Of(int number, History history, Difference difference) => new(
        number,
        difference.Operation?.ToString() ?? "what is held after everything was let go",
        difference.First,
        difference.Second,
        [.. history.Operations.Select(operation => operation.ToString())]);

    /// <summary>A history file: both answers as comments, then the operations.</summary>
    public string ToText(string firstName, string secondName) => string.Join(
        '\n',
        [$"# history {Number}: {Call}", $"# {firstName}: {First}", $"# {secondName}: {Second}", .. History]) + "\n";
}
