using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Results;

namespace Vmm.Iommu.Planning;

/// <summary>
/// Whether a group shares a container of the space, gets a new one, or is refused, and why. Pure: nothing is pinned and
/// no kernel state is touched.
/// </summary>
/// <param name="Rejections">The containers that do not take the group, in the order tried.</param>
/// <param name="Unknowns">What is not known and left to the kernel, in words.</param>
public abstract record AttachPlan(IReadOnlyList<ContainerRejection> Rejections, IReadOnlyList<string> Unknowns)
{
    /// <summary>What has to be done before an attach can do this, in words; empty when it can be done now.</summary>
    public IReadOnlyList<string> Conditions { get; init; } = [];

    /// <summary>True when an attach would succeed now, as far as is known.</summary>
    public bool WouldAttach => this is not Refuse && Conditions.Count == 0;

    /// <summary>The group joins an existing container; nothing is mapped or unmapped.</summary>
    /// <param name="Container">Its name.</param>
    /// <param name="WindowsAfter">The container's windows then; at most these where something is unknown.</param>
    /// <param name="Rejections">The containers tried before.</param>
    /// <param name="Unknowns">What is left to the kernel.</param>
    public sealed record Share(
        string Container, ValidIovaRanges WindowsAfter, IReadOnlyList<ContainerRejection> Rejections, IReadOnlyList<string> Unknowns)
        : AttachPlan(Rejections, Unknowns);

    /// <summary>The group gets a container of its own, into which the view is mapped.</summary>
    /// <param name="Skipped">Sections that are left out of it, each with its first conflict.</param>
    /// <param name="WindowsAfter">Its windows; at most these where something is unknown.</param>
    /// <param name="Rejections">The containers tried before.</param>
    /// <param name="Unknowns">What is left to the kernel.</param>
    public sealed record NewContainer(
        IReadOnlyList<(DmaSection Section, Conflict Conflict)> Skipped,
        ValidIovaRanges WindowsAfter,
        IReadOnlyList<ContainerRejection> Rejections,
        IReadOnlyList<string> Unknowns)
        : AttachPlan(Rejections, Unknowns);

    /// <summary>The group cannot join the space.</summary>
    /// <param name="Reason">Why not and what to do about it, on one line; every reason, but of very many conflicts the first ones.</param>
    /// <param name="Errno">What the kernel would have answered.</param>
    /// <param name="Conflicts">Every conflict of RAM; empty when the reason is another.</param>
    /// <param name="Rejections">The containers tried.</param>
    /// <param name="Unknowns">What is not known.</param>
    public sealed record Refuse(
        string Reason, Errno Errno, IReadOnlyList<Conflict> Conflicts, IReadOnlyList<ContainerRejection> Rejections, IReadOnlyList<string> Unknowns)
        : AttachPlan(Rejections, Unknowns)
    {
        /// <summary>Which rule refuses; the first where several do.</summary>
        public required AttachRefusalCause Cause { get; init; }

        /// <summary>Every reason by itself, conflicts of memory left out.</summary>
        public IReadOnlyList<string> Reasons { get; init; } = [];
    }

    /// <summary>Makes the plan.</summary>
    public static AttachPlan For(AttachRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new AttachPlanning(request).Plan();
    }
}
