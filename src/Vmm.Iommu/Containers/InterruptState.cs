using Vmm.Iommu.Kernel;

namespace Vmm.Iommu.Containers;

/// <summary>Which of INTx, MSI and MSI-X a device has on, and what its vectors signal.</summary>
/// <param name="Mode">Its index; null while none is on.</param>
/// <param name="Events">An eventfd for each vector from 0 on that was asked for; -1 for none.</param>
public sealed record InterruptState(uint? Mode, IReadOnlyList<int> Events)
{
    /// <summary>Nothing on, as when a device is opened.</summary>
    public static InterruptState Off { get; } = new(null, []);

    /// <summary>True for the kinds of which a device has one on at a time.</summary>
    /// <param name="index">The kind's index.</param>
    public static bool Excludes(uint index) => index <= VfioUapi.PciMsix;

    /// <summary>The same with other eventfds.</summary>
    /// <param name="index">The kind; what is on of another one is forgotten.</param>
    /// <param name="first">Vector of the first eventfd.</param>
    /// <param name="events">The eventfds; -1 for none.</param>
    public InterruptState With(uint index, uint first, IReadOnlyList<int> events)
    {
        ArgumentNullException.ThrowIfNull(events);
        var before = Mode == index ? Events : [];
        var after = new int[Math.Max(before.Count, (int)first + events.Count)];
        for (var vector = 0; vector < after.Length; vector++)
        {
            after[vector] = vector >= first && vector < first + events.Count ? events[vector - (int)first]
                : vector < before.Count ? before[vector]
                : -1;
        }

        return new InterruptState(index, after);
    }
}
