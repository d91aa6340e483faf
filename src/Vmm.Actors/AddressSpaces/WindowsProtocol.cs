using Akka.Actor;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.HotPath;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Results;

namespace Vmm.Actors.AddressSpaces;

/// <summary>
/// Messages about the valid IOVAs of a space: what every one of its containers can map. They are published when a command
/// is done, so a watcher sees what was before it or what is after it, and nothing in between. A vIOMMU watches before its guest
/// starts: it offers the guest the windows and page sizes of the snapshot, and names the event's <c>Dma</c> in each map.
/// </summary>
public static class WindowsProtocol
{
    /// <summary>Something about the valid IOVAs of a space.</summary>
    public interface IWindowsEvent : IWatchEvent;

    /// <summary>Events to <paramref name="Subscriber"/>, beginning with a <see cref="WindowsSnapshot"/>. Answered by <see cref="Watching"/>.</summary>
    /// <param name="Id">The command.</param>
    /// <param name="Subscriber">Who listens; watched, and forgotten when it ends.</param>
    /// <param name="Credit">Events it may have unseen; beyond them it gets one <see cref="Lagged"/> at its next <see cref="Seen"/>.</param>
    public sealed record Watch(Guid Id, IActorRef Subscriber, int Credit) : AddressSpaceProtocol.ICommand;

    /// <summary>The subscriber listens.</summary>
    /// <param name="Id">The command.</param>
    public sealed record Watching(Guid Id);

    /// <summary>The subscriber has dealt with events up to a number.</summary>
    /// <param name="Subscriber">Who listens.</param>
    /// <param name="Sequence">The last event dealt with.</param>
    public sealed record Seen(IActorRef Subscriber, long Sequence);

    /// <summary>What is valid, as of an event.</summary>
    /// <param name="Sequence">Number of the last event it includes.</param>
    /// <param name="Windows">What every container can map.</param>
    /// <param name="Containers">Each container, oldest first.</param>
    public sealed record WindowsSnapshot(long Sequence, ValidIovaRanges Windows, IReadOnlyList<ContainerWindows> Containers) : IWindowsEvent
    {
        /// <summary>Page sizes that every container has; all where there is none. A vIOMMU offers its guest no others.</summary>
        public PageSizes PageSizes { get; init; }

        /// <summary>
        /// The same for <see cref="DmaMapper.TryMap"/>: who names it is answered <see cref="MapStatus.Stale"/> once it says no longer
        /// what holds, and then reads <see cref="DmaMapper.Windows"/>. Holes of the rules are in it from the first container on.
        /// </summary>
        public required DmaWindows Dma { get; init; }
    }

    /// <summary>Containers have a new generation of their list, came, or went.</summary>
    /// <param name="Sequence">Number of the event.</param>
    /// <param name="Cause">Why.</param>
    /// <param name="Device">The device it was done for; empty where it was none.</param>
    /// <param name="Windows">What every container can map from now on.</param>
    /// <param name="Containers">The containers whose list is new, oldest first.</param>
    /// <param name="Closed">Numbers of the containers that are gone.</param>
    public sealed record WindowsChanged(
        long Sequence,
        WindowsCause Cause,
        string Device,
        ValidIovaRanges Windows,
        IReadOnlyList<ContainerWindows> Containers,
        IReadOnlyList<int> Closed) : IWindowsEvent
    {
        /// <summary>Page sizes that every container has from now on; all where there is none.</summary>
        public PageSizes PageSizes { get; init; }

        /// <summary>The same for <see cref="DmaMapper.TryMap"/>, as in <see cref="WindowsSnapshot.Dma"/>.</summary>
        public required DmaWindows Dma { get; init; }
    }

    /// <summary>Events were not kept for a subscriber that fell behind; a <see cref="WindowsSnapshot"/> follows.</summary>
    /// <param name="Sequence">Number of the newest event.</param>
    /// <param name="Lost">How many were lost.</param>
    public sealed record Lagged(long Sequence, long Lost) : IWindowsEvent;
}
