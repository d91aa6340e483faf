using Vmm.Litmus.Sites;

namespace Vmm.Litmus.Twins;

/// <summary>The code with one access broken, and the story that has to notice.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Story">The story that is played on it.</param>
/// <param name="How">How the access is broken.</param>
/// <param name="Sites">The accesses, by the beginning of their names.</param>
/// <param name="Words">What goes wrong then.</param>
internal sealed record Twin(string Name, string Story, Breakage How, string[] Sites, string Words)
{
    /// <summary>The fence that does not hold, where that is not the access itself.</summary>
    public string? Fence { get; init; }

    /// <summary>Loads that a late store lets pass.</summary>
    public int Loads { get; init; } = 1;

    /// <summary>Accesses between what devices and the kernel were told and the broken one.</summary>
    public string[] Passes { get; init; } = [];

    /// <summary>The accesses on the other side of the pair.</summary>
    public string[] Partners { get; init; } = [];

    /// <summary>All accesses that this twin is the test of.</summary>
    public IEnumerable<string> Covers => [.. Sites, .. Partners, .. Fence is null ? Array.Empty<string>() : [Fence]];

    public Broken Break() => new(
        How,
        IdsOf(Sites),
        Fence is null ? -1 : SiteTable.Matching(Fence)[0].Id,
        Loads,
        IdsOf(Passes));

    private static HashSet<int> IdsOf(string[] beginnings) => [.. beginnings.SelectMany(SiteTable.Matching).Select(site => site.Id)];
}
