namespace Vmm.Litmus.Sites;

/// <summary>The accesses that are broken in this process.</summary>
/// <param name="How">In which way.</param>
/// <param name="Sites">Which; by <see cref="Site.Id"/>.</param>
/// <param name="Fence">The fence that does not hold; -1 where the access itself is the fence.</param>
/// <param name="Loads">Loads that a late store lets pass.</param>
/// <param name="Passed">Stores that effects come after as well, since they stand between them and the broken one.</param>
internal sealed record Broken(Breakage How, IReadOnlySet<int> Sites, int Fence, int Loads, IReadOnlySet<int> Passed)
{
    /// <summary>True where what was told before a store may still come after it.</summary>
    public bool LetsEffectsPast(Site? site) => How != Breakage.BeforeEffects || (site is not null && (Sites.Contains(site.Id) || Passed.Contains(site.Id)));

    public bool Holds(Breakage how, Site? site) => How == how && site is not null && Sites.Contains(site.Id);
}
