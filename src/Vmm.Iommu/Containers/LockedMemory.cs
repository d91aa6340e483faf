using Vmm.Iommu.Results;
using Vmm.Iommu.Topology;

namespace Vmm.Iommu.Containers;

/// <summary>Whether a guest's memory may be locked: pinning counts every page against RLIMIT_MEMLOCK, and stops at the limit when much is pinned already. Pure.</summary>
public static class LockedMemory
{
    /// <summary>Why pinning is certain to fail, as a refusal with ENOMEM; null where it is not, or where the limit is not known.</summary>
    /// <param name="rights">What this process may lock.</param>
    /// <param name="needed">Bytes that are to be pinned.</param>
    /// <param name="countsLocked">
    /// KERNEL: true for type1, which counts against what the process has locked already, again for each container; iommufd counts
    /// for the user, which no file shows. What is not known is taken as none: it is no reason to refuse.
    /// </param>
    public static ContainerRefusal? Refuse(ProcessRights rights, UInt128 needed, bool countsLocked = true)
    {
        ArgumentNullException.ThrowIfNull(rights);
        var locked = countsLocked ? rights.Locked ?? 0 : 0;
        if (rights.IsUnlimited || rights.SoftLimit is not { } limit || needed + locked <= limit)
        {
            return null;
        }

        var before = locked == 0 ? string.Empty : $", {Size(locked)} of it taken already";
        var within = rights.HardLimit is { } hard && hard >= needed + locked
            ? $" The hard limit of {Size(hard)} allows it (prlimit --memlock)."
            : string.Empty;
        var namespaced = rights.IsInUserNamespace ? " In this user namespace a capability does not lift it." : string.Empty;
        return new ContainerRefusal(
            "RLIMIT_MEMLOCK",
            "this process",
            Errno.ENOMEM,
            $"the guest's memory takes {Size(needed)} of locked memory, and this process may lock {Size(limit)}{before}. {VfioCures.Memlock}.{within}{namespaced}");
    }

    /// <summary>Bytes for people: whole MiB where that is exact, else KiB or bytes.</summary>
    internal static string Size(UInt128 bytes) =>
        bytes == ulong.MaxValue ? "unlimited"
        : bytes != 0 && bytes % (1 << 20) == 0 ? $"{bytes >> 20} MiB"
        : bytes != 0 && bytes % (1 << 10) == 0 ? $"{bytes >> 10} KiB"
        : $"{bytes} bytes";
}
