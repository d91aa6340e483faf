namespace Vmm.Testing.Scenarios;

/// <summary>
/// What is expected of what a plan rests on and costs, the device by itself. Pages are <see cref="Iommu.Addressing.PageSizes.Usual"/>, and
/// host memory is taken as contiguous and aligned to 1 GiB. What is null is not looked at.
/// </summary>
public sealed record PlanExpectation
{
    /// <summary>A piece of text for each conflict, ascending: what, where, whose, and where else it is reserved; empty for none.</summary>
    public IReadOnlyList<string>? Conflicts { get; init; }

    /// <summary>A piece of text for each section of RAM, ascending: <c>NAME at RANGE: largest page 1 GiB -> 2 MiB, entries 3 -> 600</c>.</summary>
    public IReadOnlyList<string>? Costs { get; init; }

    /// <summary>A piece of text for each hole in RAM, ascending: <c>RANGE in NAME: 1 GiB page -> 2 MiB, +510 entries</c>; empty for none.</summary>
    public IReadOnlyList<string>? HoleCosts { get; init; }

    /// <summary>Mappings that the view needs in a container of its own.</summary>
    public long? EntriesNeeded { get; init; }

    /// <summary>Mappings that such a container has left then.</summary>
    public long? EntriesLeft { get; init; }

    /// <summary>A piece of text for each move of the layout proposed, <c>NAME from RANGE to RANGE</c>, and for how to ask for it; empty where all fits.</summary>
    public IReadOnlyList<string>? Layout { get; init; }
}
