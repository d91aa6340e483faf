using System.Diagnostics.CodeAnalysis;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;

namespace Vmm.Iommu.Containers.Type1;

/// <summary>A legacy VFIO container with a type1 backend, version 2 where the kernel has it, else version 1.</summary>
public sealed partial class Type1Container : IDmaContainer
{
    /// <summary>The container node.</summary>
    public const string Node = VfioCures.ContainerNode;

    private readonly IDevices _devices;
    private readonly OwnedFd _fd;
    private readonly bool _hasUnmapAll;

    private Type1Container(IDevices devices, OwnedFd fd, ContainerKind kind, ContainerInfo infoAtOpen, bool hasUpdateVaddr, bool hasUnmapAll)
    {
        _devices = devices;
        _fd = fd;
        Kind = kind;
        InfoAtOpen = infoAtOpen;
        HasUpdateVaddr = hasUpdateVaddr;
        _hasUnmapAll = hasUnmapAll;
    }

    /// <inheritdoc/>
    public ContainerKind Kind { get; }

    /// <inheritdoc/>
    public int Descriptor => _fd.Number;

    /// <summary>What held when it was opened, with its first group inside and nothing mapped.</summary>
    public ContainerInfo InfoAtOpen { get; }

    /// <summary>True when the process addresses of live mappings can be replaced, as a VMM needs that hands its VM to a new process.</summary>
    public bool HasUpdateVaddr { get; }

    /// <summary>
    /// Opens a container, puts its first group in and gives it its backend. A step that fails undoes the ones before it in
    /// reverse order: the group is then outside and nothing is left open.
    /// </summary>
    /// <remarks>QEMU: the calls, and the order of the extensions asked for, are those of its connect to a new container.</remarks>
    /// <param name="devices">Which kernel.</param>
    /// <param name="first">The first group; stays the caller's.</param>
    /// <param name="container">The container, with <paramref name="first"/> inside and nothing mapped.</param>
    /// <param name="refusal">Which step failed, with its errno.</param>
    /// <param name="undoesByClosing">QEMU: true to leave the group in what is closed after a failure; it is outside when its node is closed too.</param>
    public static bool TryOpen(
        IDevices devices,
        VfioGroup first,
        [NotNullWhen(true)] out Type1Container? container,
        [NotNullWhen(false)] out ContainerRefusal? refusal,
        bool undoesByClosing = false)
    {
        ArgumentNullException.ThrowIfNull(first);
        container = null;
        var opened = OwnedFd.Open(devices, "container", Node);
        if (!opened.IsOk)
        {
            refusal = Type1Words.Open(opened.Errno);
            return false;
        }

        refusal = TryGiveBackend(devices, opened.Value, first, undoesByClosing, out container);
        if (refusal is null && container is not null)
        {
            return true;
        }

        container = null;
        refusal = (refusal ?? Type1Words.NoModel).AfterUndo("close", opened.Value.Close());
        return false;
    }

    /// <inheritdoc/>
    public SysResult Map(IovaRange range, HostAddress address, DmaAccess access) =>
        VfioCalls.IommuMapDma(_devices, Descriptor, range, address, access);

    /// <inheritdoc/>
    public SysResult Unmap(IovaRange range, out ulong unmapped) =>
        range == IovaRange.All ? UnmapAll(out unmapped) : VfioCalls.IommuUnmapDma(_devices, Descriptor, range, out unmapped);

    /// <inheritdoc/>
    public SysResult UnmapAll(out ulong unmapped)
    {
        if (_hasUnmapAll)
        {
            return VfioCalls.IommuUnmapAll(_devices, Descriptor, out unmapped);
        }

        // QEMU: the struct cannot say 2^64 bytes, so a kernel without the flag is asked for two halves.
        var lower = VfioCalls.IommuUnmapDma(_devices, Descriptor, IovaRange.LowerHalf, out unmapped);
        if (!lower.IsOk)
        {
            return lower;
        }

        var upper = VfioCalls.IommuUnmapDma(_devices, Descriptor, IovaRange.UpperHalf, out var more);
        unmapped = more > ulong.MaxValue - unmapped ? ulong.MaxValue : unmapped + more;
        return upper;
    }

    /// <inheritdoc/>
    public SysResult<ContainerInfo> GetInfo()
    {
        var answer = VfioCalls.IommuGetInfo(_devices, Descriptor);
        if (!answer.IsOk)
        {
            return answer.Errno;
        }

        return Type1Answer.Read(answer.Value).Info is { } info ? info : Errno.EPROTO;
    }

    /// <inheritdoc/>
    public SysResult Attach(IContainerMember member) => GroupOf(member).SetContainer(Descriptor);

    /// <inheritdoc/>
    public SysResult Detach(IContainerMember member) => GroupOf(member).UnsetContainer();

    /// <inheritdoc/>
    public SysResult Close() => _fd.Close();

    /// <summary>Kind and descriptor.</summary>
    public override string ToString() => $"{Kind} {_fd}";

    private static VfioGroup GroupOf(IContainerMember member) =>
        member as VfioGroup ?? throw new ArgumentException($"A legacy container takes groups in, and {member?.Name ?? "null"} is none.", nameof(member));

    private static ContainerRefusal? TryGiveBackend(IDevices devices, OwnedFd fd, VfioGroup first, bool undoesByClosing, out Type1Container? container)
    {
        container = null;
        var version = VfioCalls.GetApiVersion(devices, fd.Number);
        if (!version.IsOk || version.Value != VfioUapi.ApiVersion)
        {
            return Type1Words.Version(version);
        }

        if (!TryChooseModel(devices, fd, out var kind, out var failed))
        {
            return failed.IsNone ? Type1Words.NoModel : Type1Words.Extension(failed);
        }

        var set = first.SetContainer(fd.Number);
        if (!set.IsOk)
        {
            return Type1Words.SetContainer(first, set.Errno);
        }

        var refusal = TrySetIommu(devices, fd, kind, first, out container);
        return undoesByClosing ? refusal : refusal?.AfterUndo("VFIO_GROUP_UNSET_CONTAINER", first.UnsetContainer());
    }

    /// <summary>Version 2, or version 1 where the kernel says that it has not the other; a question that fails is no answer.</summary>
    private static bool TryChooseModel(IDevices devices, OwnedFd fd, out ContainerKind kind, out Errno failed)
    {
        kind = ContainerKind.Type1V2;
        var second = VfioCalls.CheckExtension(devices, fd.Number, VfioUapi.Type1V2);
        if (second is { IsOk: true, Value: > 0 } or { IsOk: false })
        {
            failed = second.Errno;
            return second.IsOk;
        }

        kind = ContainerKind.Type1V1;
        var first = VfioCalls.CheckExtension(devices, fd.Number, VfioUapi.Type1);
        failed = first.Errno;
        return first is { IsOk: true, Value: > 0 };
    }

    private static ContainerRefusal? TrySetIommu(
        IDevices devices, OwnedFd fd, ContainerKind kind, VfioGroup first, out Type1Container? container)
    {
        container = null;
        var type = kind == ContainerKind.Type1V2 ? VfioUapi.Type1V2 : VfioUapi.Type1;
        var set = VfioCalls.SetIommu(devices, fd.Number, type);
        if (!set.IsOk)
        {
            return Type1Words.SetIommu(first, set.Errno);
        }

        var hasUpdateVaddr = Has(devices, fd, VfioUapi.UpdateVaddr) && Has(devices, fd, VfioUapi.UnmapAll);
        var answer = VfioCalls.IommuGetInfo(devices, fd.Number);
        if (!answer.IsOk)
        {
            return Type1Words.Info(answer.Errno, fault: null);
        }

        var read = Type1Answer.Read(answer.Value);
        if (read.Info is null)
        {
            return Type1Words.Info(Errno.EPROTO, read.Fault);
        }

        container = new Type1Container(devices, fd, kind, read.Info, hasUpdateVaddr, Has(devices, fd, VfioUapi.UnmapAll));
        return null;
    }

    private static bool Has(IDevices devices, OwnedFd fd, int extension) =>
        VfioCalls.CheckExtension(devices, fd.Number, extension) is { IsOk: true, Value: > 0 };
}
