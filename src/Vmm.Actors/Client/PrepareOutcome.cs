using System.Diagnostics.CodeAnalysis;

namespace Vmm.Actors.Client;

/// <summary>Whether a view can become the space's view.</summary>
/// <param name="Refusal">Why not; null when prepared.</param>
public sealed record PrepareOutcome(Refusal? Refusal)
{
    /// <summary>True when the view is prepared.</summary>
    [MemberNotNullWhen(false, nameof(Refusal))]
    public bool IsPrepared => Refusal is null;
}
