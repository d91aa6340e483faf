using Vmm.Iommu.Containers;
using Vmm.Iommu.Reserved;

namespace Vmm.Actors.Client;

/// <summary>A device that is attached to an address space. Thread-safe. Disposing detaches it.</summary>
public interface IDeviceBinding : IAsyncDisposable
{
    /// <summary>The device's name in sysfs.</summary>
    string Device { get; }

    /// <summary>Number of its IOMMU group.</summary>
    int Group { get; }

    /// <summary>The container it is in.</summary>
    int Container { get; }

    /// <summary>IOVAs that its container could map when it was attached.</summary>
    ValidIovaRanges Windows { get; }

    /// <summary>The open device: regions, mapped BARs, reset. Valid until detached.</summary>
    AssignedDevice Hardware { get; }

    /// <summary>Takes the device out: its BARs leave the view, its descriptor is closed, and its group leaves when it was the last of it.</summary>
    Task<DetachOutcome> DetachAsync(CancellationToken cancellationToken = default);
}
