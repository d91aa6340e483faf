using System.Diagnostics.CodeAnalysis;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Results;

namespace Vmm.Iommu.Containers.NoIommu;

/// <summary>
/// A legacy container of groups without an IOMMU: their devices can be opened, and reach all of the host's memory. Nothing can be mapped,
/// so no guest's memory can be put before them; the kernel is tainted and its administrator has agreed to it.
/// </summary>
public sealed class NoIommuContainer : IDmaContainer
{
    /// <summary>The container node.</summary>
    public const string Node = "/dev/vfio/vfio";

    private static readonly ContainerInfo Nothing = new(new ValidIovaRanges([]), PageSizes.FourKiB, EntriesLeft: 0);

    private readonly OwnedFd _fd;

    private NoIommuContainer(OwnedFd fd) => _fd = fd;

    /// <inheritdoc/>
    public ContainerKind Kind => ContainerKind.NoIommu;

    /// <inheritdoc/>
    public int Descriptor => _fd.Number;

    /// <summary>Opens a container, puts its first group in and gives it its backend. A step that fails undoes those before it in reverse order.</summary>
    /// <param name="devices">Which kernel.</param>
    /// <param name="first">The first group, opened as one without an IOMMU; stays the caller's.</param>
    /// <param name="container">The container, with <paramref name="first"/> inside.</param>
    /// <param name="refusal">Which step failed, with its errno.</param>
    public static bool TryOpen(
        IDevices devices,
        VfioGroup first,
        [NotNullWhen(true)] out NoIommuContainer? container,
        [NotNullWhen(false)] out ContainerRefusal? refusal)
    {
        ArgumentNullException.ThrowIfNull(first);
        container = null;
        var opened = OwnedFd.Open(devices, "container", Node);
        if (!opened.IsOk)
        {
            refusal = NoIommuWords.Open(opened.Errno);
            return false;
        }

        refusal = TryGiveBackend(devices, opened.Value, first);
        if (refusal is null)
        {
            container = new NoIommuContainer(opened.Value);
            return true;
        }

        refusal = refusal.AfterUndo("close", opened.Value.Close());
        return false;
    }

    /// <summary>Maps nothing.</summary>
    /// <returns>ENOTTY, as the kernel answers; it is not asked.</returns>
    public SysResult Map(IovaRange range, HostAddress address, DmaAccess access) => Errno.ENOTTY;

    /// <summary>There is nothing to unmap.</summary>
    /// <returns>Success with 0 bytes; the kernel is not asked.</returns>
    public SysResult Unmap(IovaRange range, out ulong unmapped) => UnmapAll(out unmapped);

    /// <inheritdoc cref="Unmap"/>
    public SysResult UnmapAll(out ulong unmapped)
    {
        unmapped = 0;
        return SysResult.Ok;
    }

    /// <summary>No window at all; the kernel has no such question here.</summary>
    public SysResult<ContainerInfo> GetInfo() => Nothing;

    /// <inheritdoc/>
    public SysResult Attach(IContainerMember member) => GroupOf(member).SetContainer(Descriptor);

    /// <inheritdoc/>
    public SysResult Detach(IContainerMember member) => GroupOf(member).UnsetContainer();

    /// <inheritdoc/>
    public SysResult Close() => _fd.Close();

    /// <summary>Kind and descriptor.</summary>
    public override string ToString() => $"{Kind} {_fd}";

    private static ContainerRefusal? TryGiveBackend(IDevices devices, OwnedFd fd, VfioGroup first)
    {
        var version = VfioCalls.GetApiVersion(devices, fd.Number);
        if (!version.IsOk || version.Value != VfioUapi.ApiVersion)
        {
            return NoIommuWords.Version(version);
        }

        var offered = VfioCalls.CheckExtension(devices, fd.Number, VfioUapi.NoIommu);
        if (!offered.IsOk || offered.Value <= 0)
        {
            return NoIommuWords.NotOffered(offered.Errno);
        }

        var set = first.SetContainer(fd.Number);
        if (!set.IsOk)
        {
            return NoIommuWords.SetContainer(first, set.Errno);
        }

        var backend = VfioCalls.SetIommu(devices, fd.Number, VfioUapi.NoIommu);
        return backend.IsOk
            ? null
            : NoIommuWords.SetIommu(first, backend.Errno).AfterUndo("VFIO_GROUP_UNSET_CONTAINER", first.UnsetContainer());
    }

    private static VfioGroup GroupOf(IContainerMember member)
    {
        ArgumentNullException.ThrowIfNull(member);
        return member as VfioGroup ?? throw new ArgumentException($"{member.Name} is no legacy group.", nameof(member));
    }
}
