namespace Vmm.Iommu.Planning;

/// <summary>Why a container does not take a group. Not an error: the next one is tried.</summary>
/// <param name="Container">The container; <c>new</c> for the one that would be made.</param>
/// <param name="Reason">Why not, in words.</param>
/// <param name="Conflicts">What stands in the way; empty when the reason is another.</param>
public sealed record ContainerRejection(string Container, string Reason, IReadOnlyList<Conflict> Conflicts)
{
    /// <summary>True when the policy forbids what could be done: windows that are frozen, or that the guest was told.</summary>
    public bool IsByPolicy { get; init; }

    /// <summary>The conflicts on one line, or the reason where it is another.</summary>
    public string Words => Conflicts.Count > 0 ? Conflict.Words(Conflicts) : Reason;

    /// <summary>Container, reason and conflicts on one line.</summary>
    public override string ToString() =>
        Conflicts.Count == 0 ? $"{Container}: {Reason}" : $"{Container}: {Reason}: {Conflict.Words(Conflicts)}";
}
