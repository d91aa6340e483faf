using Vmm.Actors.Hosts;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.HotPath;
using Vmm.Iommu.Results;
using Vmm.Iommu.Topology;

namespace Vmm.Actors.Client;

/// <summary>
/// One VM's hold on the host's IOMMUs. Thread-safe. A refusal by a rule is a value of the reply; an exception is a fault.
/// Disposing detaches every device, unmaps everything and closes every descriptor.
/// </summary>
public interface IVmm : IAsyncDisposable
{
    /// <summary>The kernel behind it: <c>linux</c> or <c>emulated</c>.</summary>
    string KernelName { get; }

    /// <summary>A new guest DMA address space, empty and without devices.</summary>
    /// <param name="name">Unique in this VM, such as <c>memory</c>.</param>
    /// <param name="cancellationToken">Cancels the wait; a space made meanwhile is closed again.</param>
    /// <exception cref="ArgumentException">The name is empty or taken.</exception>
    Task<IAddressSpace> CreateAddressSpaceAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>A new guest DMA address space, of which a vIOMMU translates what a view says so of.</summary>
    /// <param name="name">Unique in this VM, such as <c>behind-0000:01:00.0</c>: devices behind a vIOMMU have a space each.</param>
    /// <param name="guestIommu">The vIOMMU; null for none. Its maps go to <see cref="IAddressSpace.Mapper"/>.</param>
    /// <param name="cancellationToken">Cancels the wait; a space made meanwhile is closed again.</param>
    /// <exception cref="ArgumentException">The name is empty or taken.</exception>
    Task<IAddressSpace> CreateAddressSpaceAsync(string name, IGuestIommu? guestIommu, CancellationToken cancellationToken = default);

    /// <summary>
    /// Says what guest-physical memory is now: what the targets of <see cref="DmaMapper.MapNotify"/> are looked up in, in every
    /// space. Without it no target is found, and each answers <see cref="MapStatus.NotRam"/>. Mappings that were made stay.
    /// </summary>
    /// <param name="view">System memory, whether a space of the VM shows it or not.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    Task PublishSystemMemoryAsync(FlatView view, CancellationToken cancellationToken = default);

    /// <summary>The host as last scanned.</summary>
    Task<HostTopology> GetTopologyAsync(CancellationToken cancellationToken = default);

    /// <summary>Scans the host again and reports what changed to everyone who watches.</summary>
    Task<HostTopology> RescanHostAsync(CancellationToken cancellationToken = default);

    /// <summary>Changes of groups in use, in order, from now on. A reader that falls behind gets one <see cref="HostProtocol.Lagged"/>, never a delay of others.</summary>
    /// <param name="credit">Events that may be on the way unread; at least 1.</param>
    /// <param name="cancellationToken">Ends the watch.</param>
    IAsyncEnumerable<HostProtocol.IHostEvent> WatchHostAsync(int credit = 64, CancellationToken cancellationToken = default);

    /// <summary>Everything held now: spaces, containers, groups, devices, mappings.</summary>
    Task<VmmState> GetStateAsync(CancellationToken cancellationToken = default);
}
