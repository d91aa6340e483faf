namespace Vmm.Contract.Hosts;

/// <summary>A device of the machine that a test runs on.</summary>
/// <param name="Name">Its address or UUID.</param>
/// <param name="GroupNode">The node of its group, such as <c>/dev/vfio/6</c>.</param>
public sealed record ContractDevice(string Name, string GroupNode)
{
    /// <summary>The IOMMU group's number.</summary>
    public int Group => int.Parse(GroupNode[(GroupNode.LastIndexOfAny(['/', '-']) + 1)..]);
}
