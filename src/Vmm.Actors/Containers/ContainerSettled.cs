namespace Vmm.Actors.Containers;

/// <summary>What a container holds after it was brought to what is wanted.</summary>
/// <param name="Groups">The groups still in it.</param>
/// <param name="IsClosed">True when it is closed.</param>
/// <param name="Left">What could not be released, in words.</param>
internal sealed record ContainerSettled(IReadOnlyList<int> Groups, bool IsClosed, IReadOnlyList<string> Left)
{
    /// <summary>What of the view could not be mapped, and what is not known of the container, in words.</summary>
    public IReadOnlyList<string> Holes { get; init; } = [];

    /// <summary>What went wrong on the way and holds nothing, in words.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Sections of the view that it leaves out.</summary>
    public IReadOnlyList<SkippedSection> Skipped { get; init; } = [];

    /// <summary>RAM of the view that could not be mapped.</summary>
    public IReadOnlyList<SkippedSection> Pending { get; init; } = [];
}
