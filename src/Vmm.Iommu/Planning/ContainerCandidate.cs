using Vmm.Iommu.Mappings;
using Vmm.Iommu.Reserved;

namespace Vmm.Iommu.Planning;

/// <summary>A container of the space, as an attach plan sees it.</summary>
/// <param name="Id">What it is called.</param>
/// <param name="Kind">Its backend, such as <c>type1</c> or <c>iommufd</c>.</param>
/// <param name="Windows">Where it can map now.</param>
/// <param name="Mappings">What is mapped now; read during the plan only.</param>
/// <param name="Closed">Why it takes no newcomer, such as a failed unmap; null when it does.</param>
public sealed record ContainerCandidate(string Id, string Kind, ValidIovaRanges Windows, MappingTable Mappings, string? Closed = null)
{
    /// <summary>Its own verdict, where it has been asked before and said no; null where the plan has to judge.</summary>
    public ContainerRejection? Verdict { get; init; }

    /// <summary>True when mediated devices alone are in it: nothing has tested what is mapped.</summary>
    public bool HasOnlyMediated { get; init; }
}
