using Vmm.Benchmarks.Results;

namespace Vmm.Benchmarks.Measuring;

/// <summary>Something that can be measured by itself.</summary>
/// <param name="Name">Group and row: <c>containers/replay</c>.</param>
/// <param name="Measure">Measures it; the names of its figures need no group and row.</param>
internal sealed record Row(string Name, Func<Run, IEnumerable<Figure>> Measure)
{
    /// <summary>What stands before the slash.</summary>
    public string Group => Name[..Name.IndexOf('/', StringComparison.Ordinal)];

    /// <summary>Its figures, each under a name that no other row has.</summary>
    public IEnumerable<Figure> Figures(Run run) => Measure(run).Select(figure => figure with { Name = $"{Name}: {figure.Name}" });
}
