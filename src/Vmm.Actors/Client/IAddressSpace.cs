using Vmm.Actors.AddressSpaces;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.HotPath;
using Vmm.Iommu.Planning;

namespace Vmm.Actors.Client;

/// <summary>
/// A guest DMA address space: its view of memory, and the devices that see it. Thread-safe; commands take effect one at a
/// time, in order of arrival. Disposing detaches its devices and unmaps everything.
/// </summary>
public interface IAddressSpace : IAsyncDisposable
{
    /// <summary>Its name.</summary>
    string Name { get; }

    /// <summary>
    /// Where hot maps go: what a vIOMMU maps and unmaps, from any thread and at once, in the sections of the view that it
    /// translates. Its <see cref="DmaMapper.Windows"/> are those of <see cref="WatchWindowsAsync"/>.
    /// </summary>
    DmaMapper Mapper { get; }

    /// <summary>
    /// Checks a view against every container and maps what it adds where nothing live is in the way. Refused, nothing has
    /// changed; prepared, <see cref="CommitViewAsync"/> with the same view completes it. Removes nothing.
    /// </summary>
    Task<PrepareOutcome> PrepareViewAsync(FlatView view, CancellationToken cancellationToken = default);

    /// <summary>
    /// Makes <paramref name="view"/> the view of the space: removals ascending, then additions ascending. Cannot be refused:
    /// what could not be removed or mapped is in the reply.
    /// </summary>
    Task<ViewReport> CommitViewAsync(FlatView view, CancellationToken cancellationToken = default);

    /// <summary>What an attach would do, and every conflict it would meet. Changes nothing.</summary>
    /// <param name="device">The device's name in sysfs, such as <c>0000:01:00.0</c> or the UUID of a mediated device.</param>
    /// <param name="policy">How to choose a container; null for <see cref="AttachPolicy.Default"/>.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    Task<PlanOutcome> PlanAttachAsync(string device, AttachPolicy? policy = null, CancellationToken cancellationToken = default);

    /// <summary>Attaches a device of the host. Cancelling undoes what was done; the task ends when it is undone.</summary>
    /// <param name="device">The device's name in sysfs, such as <c>0000:01:00.0</c> or the UUID of a mediated device.</param>
    /// <param name="policy">How to choose a container; null for <see cref="AttachPolicy.Default"/>.</param>
    /// <param name="cancellationToken">Cancels the attach.</param>
    Task<AttachOutcome> AttachDeviceAsync(string device, AttachPolicy? policy = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Attaches a device, lets the caller look at what that came to, and keeps or undoes it: one operation, in which nobody else
    /// changes anything. Taken back, the reason is <see cref="RefusalReason.NotKept"/> and everything is as before.
    /// </summary>
    /// <param name="device">The device's name in sysfs.</param>
    /// <param name="policy">How to choose a container; null for <see cref="AttachPolicy.Default"/>.</param>
    /// <param name="keep">True to keep it; false, or an exception, undoes it. Runs inside the space's actor: it is quick and asks the VM nothing.</param>
    /// <param name="cancellationToken">Cancels the attach.</param>
    Task<AttachOutcome> AttachDeviceAsync(string device, AttachPolicy? policy, Func<AttachLook, bool> keep, CancellationToken cancellationToken = default);

    /// <summary>
    /// Changes what holds for the space whoever attaches: holes, windows that the guest was told, windows that are frozen.
    /// Refused where a mapping lies in a new hole, or where the guest would be told more than can be mapped; nothing has changed then.
    /// </summary>
    /// <param name="change">Makes the new rules of those in force. Runs inside the space's actor: it is quick and asks the VM nothing.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    Task<RulesOutcome> ChangeRulesAsync(Func<SpaceRules, SpaceRules> change, CancellationToken cancellationToken = default);

    /// <summary>
    /// The valid IOVAs of the space from now on: a <see cref="WindowsProtocol.WindowsSnapshot"/> first, then what changes, whoever
    /// changes it. A reader that falls behind gets one <see cref="WindowsProtocol.Lagged"/> and a snapshot, and delays nobody. Ends
    /// with the space.
    /// </summary>
    /// <param name="credit">Events that may be on the way unread; at least 1.</param>
    /// <param name="cancellationToken">Ends the watch.</param>
    IAsyncEnumerable<WindowsProtocol.IWindowsEvent> WatchWindowsAsync(int credit = 64, CancellationToken cancellationToken = default);

    /// <summary>What is mapped where, container by container.</summary>
    Task<AddressSpaceState> GetStateAsync(CancellationToken cancellationToken = default);
}
