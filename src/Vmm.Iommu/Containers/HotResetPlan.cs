using System.Globalization;
using Vmm.Iommu.Results;

namespace Vmm.Iommu.Containers;

/// <summary>Whether a device can be reset with its bus, and by showing which groups.</summary>
/// <param name="Groups">The groups whose descriptors prove that all devices are the caller's; empty where the kernel knows by an iommufd.</param>
/// <param name="Refusal">Why not; null where it can be.</param>
public sealed record HotResetPlan(IReadOnlyList<int> Groups, ContainerRefusal? Refusal)
{
    private const string Request = "VFIO_DEVICE_PCI_HOT_RESET";

    /// <summary>Decides.</summary>
    /// <param name="device">The device's name.</param>
    /// <param name="scope">What would be reset.</param>
    /// <param name="held">The groups that the caller has open.</param>
    public static HotResetPlan For(string device, HotResetScope scope, IReadOnlyCollection<int> held)
    {
        ArgumentNullException.ThrowIfNull(scope);
        ArgumentNullException.ThrowIfNull(held);
        var foreign = scope.Members.Where(member => scope.ByDevice ? !member.IsOwned : !held.Contains(member.Group!.Value)).ToList();
        return foreign.Count > 0
            ? new HotResetPlan([], new ContainerRefusal(Request, device, Errno.EPERM, Words(foreign)))
            : new HotResetPlan(scope.ByDevice ? [] : [.. scope.Members.Select(member => member.Group!.Value).Distinct().Order()], null);
    }

    private static string Words(List<HotResetScope.Member> foreign) =>
        $"it would also reset {string.Join(", ", foreign.Select(Name))}, which the VM has not: give it them as well, bound to vfio-pci, or reset the device alone.";

    private static string Name(HotResetScope.Member member) =>
        member.Group is { } group ? string.Create(CultureInfo.InvariantCulture, $"{member.Address} of group {group}") : $"{member.Address}";
}
