using Vmm.Iommu.Planning;
using Vmm.Iommu.Results;

namespace Vmm.Actors;

/// <summary>A rule said no; nothing is left changed.</summary>
/// <param name="Reason">Which rule.</param>
/// <param name="Words">One line for a person: what, where, why, and what to do.</param>
/// <param name="Errno">What the kernel answered, where it was asked.</param>
/// <param name="Conflicts">Every conflict met, each with its owner; empty where the rule is another.</param>
public sealed record Refusal(RefusalReason Reason, string Words, Errno Errno, IReadOnlyList<Conflict> Conflicts)
{
    /// <summary>A refusal without conflicts.</summary>
    public Refusal(RefusalReason reason, string words, Errno errno = default)
        : this(reason, words, errno, [])
    {
    }

    /// <summary>The same refusal, naming what its undo could not release.</summary>
    internal Refusal Leaving(IReadOnlyList<string> left) =>
        left.Count == 0 ? this : this with { Words = $"{Words} Left behind: {string.Join(' ', left)}" };
}
