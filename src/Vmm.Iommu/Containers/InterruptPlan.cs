namespace Vmm.Iommu.Containers;

/// <summary>
/// What is to be told to the kernel so that vectors signal other eventfds. INTx, MSI and MSI-X exclude each other, so what is on of
/// another kind ends first; a kind that cannot grow begins anew with all of its vectors where more are wanted than it has.
/// </summary>
/// <param name="Ends">Index that is turned off first; null for none.</param>
/// <param name="First">Vector of the first eventfd that is then set.</param>
/// <param name="Events">What is then set; -1 for none.</param>
/// <param name="After">What is on afterwards.</param>
public sealed record InterruptPlan(uint? Ends, uint First, IReadOnlyList<int> Events, InterruptState After)
{
    /// <summary>Decides.</summary>
    /// <param name="now">What is on.</param>
    /// <param name="index">The kind that is wanted.</param>
    /// <param name="first">Vector of the first eventfd; with the eventfds inside the kind's vectors.</param>
    /// <param name="events">The eventfds; -1 for none.</param>
    public static InterruptPlan For(InterruptState now, InterruptIndex index, uint first, IReadOnlyList<int> events)
    {
        ArgumentNullException.ThrowIfNull(now);
        ArgumentNullException.ThrowIfNull(index);
        ArgumentNullException.ThrowIfNull(events);
        if (!InterruptState.Excludes(index.Index))
        {
            return new InterruptPlan(null, first, events, now);
        }

        if (now.Mode != index.Index)
        {
            var begun = InterruptState.Off.With(index.Index, first, events);
            return new InterruptPlan(now.Mode, first, events, begun);
        }

        var after = now.With(index.Index, first, events);
        return after.Events.Count > now.Events.Count && !index.CanGrow
            ? new InterruptPlan(index.Index, 0, after.Events, after)
            : new InterruptPlan(null, first, events, after);
    }
}
