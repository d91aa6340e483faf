using Vmm.Iommu.Containers;
using Vmm.Iommu.Results;

namespace Vmm.Iommu.HotPath;

/// <summary>How closing a container ended. Where it is not closed yet, the same call again goes on with what is left.</summary>
/// <param name="IsClosed">True when every member is outside and the descriptor is closed.</param>
/// <param name="Errno">The first errno met; none when all went well.</param>
/// <param name="Words">What went wrong; empty when nothing did.</param>
/// <param name="Unmapped">Mappings that this call unmapped one by one.</param>
/// <param name="MappingsLeft">Mappings, with their leases, that are still held.</param>
/// <param name="MembersLeft">Members still inside.</param>
public sealed record CloseOutcome(
    bool IsClosed,
    Errno Errno,
    string Words,
    int Unmapped,
    int MappingsLeft,
    IReadOnlyList<IContainerMember> MembersLeft);
