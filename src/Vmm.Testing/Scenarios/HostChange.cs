using Vmm.Iommu.Results;

namespace Vmm.Testing.Scenarios;

/// <summary>A change of the host under a running VM.</summary>
public abstract record HostChange
{
    private HostChange()
    {
    }

    /// <summary>A device is plugged into the host.</summary>
    /// <param name="Device">The device.</param>
    public sealed record Add(DeviceScript Device) : HostChange;

    /// <summary>A device is pulled out of the host.</summary>
    /// <param name="Device">Its name in sysfs.</param>
    public sealed record Remove(string Device) : HostChange;

    /// <summary>A driver is bound.</summary>
    /// <param name="Device">Its name in sysfs.</param>
    /// <param name="Driver">The driver.</param>
    public sealed record Bind(string Device, string Driver) : HostChange;

    /// <summary>The driver is taken off.</summary>
    /// <param name="Device">Its name in sysfs.</param>
    public sealed record Unbind(string Device) : HostChange;

    /// <summary>The reserved regions of a group are others.</summary>
    /// <param name="Group">The group.</param>
    /// <param name="Regions">All its regions from now on.</param>
    public sealed record Reserve(int Group, IReadOnlyList<RegionScript> Regions) : HostChange;

    /// <summary>An IOMMU cannot make page tables.</summary>
    /// <param name="Iommu">Its name.</param>
    /// <param name="Errno">What its driver answers.</param>
    /// <param name="Times">How often from now on.</param>
    public sealed record FailDomains(string Iommu, Errno Errno, int Times) : HostChange;
}
