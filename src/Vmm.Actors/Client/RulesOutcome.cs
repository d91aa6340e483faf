using System.Diagnostics.CodeAnalysis;

namespace Vmm.Actors.Client;

/// <summary>Whether the rules of a space could be changed.</summary>
/// <param name="Rules">The rules in force from now on; null when refused.</param>
/// <param name="Refusal">Why not; null when changed.</param>
public sealed record RulesOutcome(SpaceRules? Rules, Refusal? Refusal)
{
    /// <summary>True when they are changed.</summary>
    [MemberNotNullWhen(true, nameof(Rules))]
    [MemberNotNullWhen(false, nameof(Refusal))]
    public bool IsChanged => Rules is not null;
}
