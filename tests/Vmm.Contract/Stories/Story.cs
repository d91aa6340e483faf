namespace Vmm.Contract.Stories;

/// <summary>Calls and what Linux answers to each.</summary>
/// <param name="Name">What it shows.</param>
/// <param name="Lines">The calls in order.</param>
public sealed record Story(string Name, IReadOnlyList<StoryLine> Lines)
{
    /// <summary>The name, as the test's name shows it.</summary>
    public override string ToString() => Name;
}
