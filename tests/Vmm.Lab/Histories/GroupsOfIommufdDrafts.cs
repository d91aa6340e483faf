namespace Vmm.Lab.Histories;

/// <summary>Writes what groups do whose container is an iommufd, and what devices are asked there.</summary>
internal static class GroupsOfIommufdDrafts
{
    /// <summary>How often each is written.</summary>
    public static readonly IReadOnlyList<(int Weight, Action<Draft> Write)> Menu =
    [
        (2, LifeCycleOperations.OpenGroup),
        (2, draft => LifeCycleOperations.Close(draft, draft.Pick(HandleKind.Group, LifeCycleOperations.Groups))),
        (3, LifeCycleOperations.SetContainer),
        (1, LifeCycleOperations.UnsetContainer),
        (1, LifeCycleOperations.SetIommu),
        (1, LifeCycleOperations.Status),
        (1, LifeCycleOperations.Extension),
        (1, LifeCycleOperations.Raw),
        (2, DeviceDrafts.GetDevice),
        (4, MappingDrafts.Map),
        (3, MappingDrafts.Unmap),
        (1, MappingDrafts.Info),
        (1, MappingDrafts.Dirty),
        .. DeviceDrafts.Questions,
    ];
}
