using Vmm.Iommu.Results;

namespace Vmm.Actors;

/// <summary>
/// The VMM's say over discarding guest RAM (balloon, free-page reporting). Pinned RAM that is discarded leaves the device
/// with pages the guest no longer has, so discarding is off from the first assigned device to the last. Calls nest: every
/// address space with devices asks once, and allows once.
/// </summary>
public interface IRamDiscard
{
    /// <summary>Turns discarding off. A refusal (usually EBUSY: something relies on it) refuses the attach, which is undone.</summary>
    Task<SysResult> DisableAsync(CancellationToken cancellationToken);

    /// <summary>Allows discarding again, after the last device has left.</summary>
    Task<SysResult> EnableAsync(CancellationToken cancellationToken);
}
