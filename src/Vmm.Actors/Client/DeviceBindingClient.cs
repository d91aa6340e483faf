using Vmm.Actors.AddressSpaces;
using Vmm.Iommu.Containers;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Results;

namespace Vmm.Actors.Client;

/// <summary>The face of one attached device.</summary>
internal sealed class DeviceBindingClient(AddressSpaceClient space, string device, AddressSpaceProtocol.Attached attached) : IDeviceBinding
{
    /// <inheritdoc/>
    public string Device { get; } = device;

    /// <inheritdoc/>
    public int Group => attached.Group;

    /// <inheritdoc/>
    public int Container => attached.Container;

    /// <inheritdoc/>
    public ValidIovaRanges Windows => attached.Snapshot.Windows;

    /// <inheritdoc/>
    public AssignedDevice Hardware => attached.Hardware;

    /// <inheritdoc/>
    public async Task<DetachOutcome> DetachAsync(CancellationToken cancellationToken = default) =>
        await space.CommandAsync(new AddressSpaceProtocol.DetachDevice(Guid.NewGuid(), attached.Id), cancellationToken) switch
        {
            AddressSpaceProtocol.Detached detached => new DetachOutcome(IsDetached: true, detached.GroupReleased, Pending: null),
            AddressSpaceProtocol.DetachPending pending => new DetachOutcome(IsDetached: false, GroupReleased: false, pending.Holds),
            var other => throw VmmClient.Unexpected(other),
        };

    /// <inheritdoc/>
    /// <exception cref="IommuException">Something still holds it; it is named.</exception>
    public async ValueTask DisposeAsync()
    {
        try
        {
            if (await DetachAsync() is { IsDetached: false } pending)
            {
                throw new IommuException("detaching", Device, Errno.EBUSY, pending.Pending!);
            }
        }
        catch (ObjectDisposedException)
        {
            // The space was closed before, and the device with it.
        }
    }
}
