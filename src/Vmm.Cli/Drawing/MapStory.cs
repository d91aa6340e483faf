namespace Vmm.Cli.Drawing;

/// <summary>Pictures of address spaces, one a step.</summary>
/// <param name="Title">What it is about.</param>
/// <param name="About">More of that, in a line; may be empty.</param>
/// <param name="Steps">In order; at least one.</param>
internal sealed record MapStory(string Title, string About, IReadOnlyList<MapStep> Steps)
{
    /// <summary>The story of one address space, or one step of it.</summary>
    /// <param name="space">Its name; null for every space.</param>
    /// <param name="step">Its number; null for every step.</param>
    /// <exception cref="CliException">There is no such space or step.</exception>
    internal MapStory Only(string? space, string? step)
    {
        var names = Steps.SelectMany(shown => shown.Spaces).Select(frame => frame.Now.Name).Distinct(StringComparer.Ordinal).ToList();
        if (space is not null && !names.Contains(space))
        {
            throw new CliException($"--space {space}: there is none; there {(names.Count == 1 ? "is" : "are")} {string.Join(", ", names)}");
        }

        var steps = step is null ? Steps : [.. Steps.Where(shown => shown.Number == step)];
        if (steps.Count == 0)
        {
            throw new CliException($"--step {step}: there is none; there are {Steps[0].Number} to {Steps[^1].Number}");
        }

        return this with
        {
            Steps = [.. steps.Select(shown => space is null ? shown : shown with { Spaces = [.. shown.Spaces.Where(frame => frame.Now.Name == space)] })],
        };
    }
}
