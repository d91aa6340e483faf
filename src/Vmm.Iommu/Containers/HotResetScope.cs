using Vmm.Iommu.Kernel;
using Vmm.Iommu.Topology;

namespace Vmm.Iommu.Containers;

/// <summary>What a hot reset of a device resets: every function of its bus, or slot, and of the buses below.</summary>
/// <param name="ByDevice">True where the kernel answers by devices of an iommufd, false where by groups.</param>
/// <param name="Members">What is reset, the device itself among it.</param>
public sealed record HotResetScope(bool ByDevice, IReadOnlyList<HotResetScope.Member> Members)
{
    /// <summary>A function that is reset.</summary>
    /// <param name="Address">Which.</param>
    /// <param name="Group">Its IOMMU group; null where the kernel answers by devices.</param>
    /// <param name="IsOwned">Where the kernel answers by devices: true when the device, or its group, is bound to the same iommufd.</param>
    public readonly record struct Member(PciAddress Address, int? Group, bool IsOwned);

    /// <summary>Reads what the kernel answers.</summary>
    /// <param name="devices">The list.</param>
    /// <param name="flags">Its flags.</param>
    public static HotResetScope Of(IReadOnlyList<VfioUapi.DependentDevice> devices, uint flags)
    {
        ArgumentNullException.ThrowIfNull(devices);
        var byDevice = (flags & VfioUapi.HotResetDeviceIds) != 0;
        return new HotResetScope(byDevice, [.. devices.Select(device => MemberOf(device, byDevice))]);
    }

    private static Member MemberOf(VfioUapi.DependentDevice device, bool byDevice)
    {
        var address = new PciAddress(device.Segment, device.Bus, (byte)(device.SlotAndFunction >> 3), (byte)(device.SlotAndFunction & 7));
        var id = unchecked((int)device.GroupOrDeviceId);
        return new Member(address, byDevice ? null : id, byDevice && id != VfioUapi.DeviceIdNotOwned);
    }
}
