using System.Diagnostics.CodeAnalysis;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;

namespace Vmm.Iommu.Containers.Iommufd;

/// <summary>
/// An IOAS of a VM's iommufd, and the page tables that show its mappings to devices: one for all where one suits all, more where the
/// IOMMUs differ. The descriptor is the context's and stays open when the container is closed.
/// </summary>
public sealed partial class IommufdContainer : IDmaContainer
{
    private readonly IDevices _devices;
    private readonly IommufdContext _context;
    private readonly bool _mapsByFile;
    private bool _isClosed;

    private IommufdContainer(IDevices devices, IommufdContext context, uint ioas, bool mapsByFile)
    {
        _devices = devices;
        _context = context;
        _mapsByFile = mapsByFile;
        _direct = new IommufdPageTable(ioas, hasDirtyTracking: false);
        Ioas = ioas;
    }

    /// <inheritdoc/>
    public ContainerKind Kind => ContainerKind.Iommufd;

    /// <inheritdoc/>
    public int Descriptor => _isClosed ? -1 : _context.Descriptor;

    /// <summary>Id of the IOAS.</summary>
    public uint Ioas { get; }

    /// <summary>What held when it was opened, with its first device inside and nothing mapped.</summary>
    public ContainerInfo InfoAtOpen { get; private set; } = new(Windows: null, PageSizes.FourKiB, EntriesLeft: null);

    /// <summary>
    /// Opens a new IOAS and puts its first device in. A step that fails undoes the ones before it in reverse order: the device is then
    /// bound, in no container, and nothing else is left.
    /// </summary>
    /// <remarks>QEMU: the calls are those of its attach to a new container.</remarks>
    /// <param name="devices">Which kernel.</param>
    /// <param name="first">The first device; stays the caller's. The container is in the context that it is bound to.</param>
    /// <param name="container">The container, with <paramref name="first"/> inside and nothing mapped.</param>
    /// <param name="refusal">Which step failed, with its errno.</param>
    /// <param name="mapsByFile">
    /// False to map all memory but dma-bufs by process address, as QEMU does. True is what a move of the VM to another process needs.
    /// </param>
    public static bool TryOpen(
        IDevices devices,
        IommufdDevice first,
        [NotNullWhen(true)] out IommufdContainer? container,
        [NotNullWhen(false)] out ContainerRefusal? refusal,
        bool mapsByFile = true)
    {
        ArgumentNullException.ThrowIfNull(first);
        container = null;
        var allocated = IommufdCalls.IoasAlloc(devices, first.Context.Descriptor, out var ioas);
        var candidate = new IommufdContainer(devices, first.Context, ioas, mapsByFile);
        refusal = allocated.IsOk ? candidate.TryStart(first) : IommufdWords.Alloc(allocated.Errno);
        if (refusal is null)
        {
            container = candidate;
            return true;
        }

        refusal = ioas == 0 ? refusal : refusal.AfterUndo("IOMMU_DESTROY", candidate.Close());
        return false;
    }

    /// <inheritdoc/>
    public SysResult Map(IovaRange range, HostAddress address, DmaAccess access) =>
        IommufdCalls.IoasMap(_devices, Descriptor, Ioas, range, address, access);

    /// <inheritdoc/>
    public SysResult Map(IovaRange range, RamBlock block, ulong offset, DmaAccess access)
    {
        ArgumentNullException.ThrowIfNull(block);
        return block.IsPinnableByFile && (_mapsByFile || block.File == RamFile.DmaBuf)
            ? IommufdCalls.IoasMapFile(_devices, Descriptor, Ioas, range, block.Descriptor, block.FileOffset + offset, access)
            : Map(range, block.Address.Plus(offset), access);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// KERNEL: ENOENT stands for a range with nothing in it, and for one that cuts a mapping, where the mappings to the left of it are gone.
    /// Both are a success with 0 bytes here: whoever knows of mappings in the range sees that the count is too small.
    /// </remarks>
    public SysResult Unmap(IovaRange range, out ulong unmapped)
    {
        if (range == IovaRange.All)
        {
            return UnmapAll(out unmapped);
        }

        var answer = IommufdCalls.IoasUnmap(_devices, Descriptor, Ioas, range, out unmapped);
        return answer.Errno == Errno.ENOENT ? SysResult.Ok : answer;
    }

    /// <inheritdoc/>
    public SysResult UnmapAll(out ulong unmapped) => IommufdCalls.IoasUnmapAll(_devices, Descriptor, Ioas, out unmapped);

    /// <summary>
    /// Maps here what another container maps, which may have other IOVAs and devices: the pages are neither pinned nor charged again.
    /// </summary>
    /// <param name="source">A container of the same context.</param>
    /// <param name="range">IOVAs there; wholly mapped, may begin and end inside mappings.</param>
    /// <param name="at">First IOVA here.</param>
    /// <param name="access">What devices may do here.</param>
    /// <returns>ENOENT where the source has a hole, EEXIST over a mapping, EINVAL outside the windows, EPERM to write what is mapped read-only.</returns>
    /// <exception cref="ArgumentException">The source is of another context.</exception>
    public SysResult Copy(IommufdContainer source, IovaRange range, Iova at, DmaAccess access)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (source._context != _context)
        {
            throw new ArgumentException($"{source} is of another iommufd than {this}.", nameof(source));
        }

        return IommufdCalls.IoasCopy(_devices, Descriptor, source.Ioas, range, Ioas, at, access);
    }

    /// <summary>Promises IOVAs: a device that reserves any of them is refused from now on. In place of what was promised before.</summary>
    /// <param name="promised">Disjoint, each of two bytes or more; none lifts the promise.</param>
    /// <returns>EADDRINUSE where one is reserved now; what was promised before stays.</returns>
    public SysResult SetPromised(IReadOnlyCollection<IovaRange> promised) =>
        IommufdCalls.IoasAllowIovas(_devices, Descriptor, Ioas, promised);

    /// <summary>Allows or forbids large IOMMU pages.</summary>
    /// <param name="isAllowed">False for 4 KiB pages alone.</param>
    /// <returns>EINVAL to forbid them while memory is mapped for a device, EADDRINUSE where what is mapped is not page aligned.</returns>
    public SysResult SetHugePages(bool isAllowed) =>
        IommufdCalls.SetOption(_devices, Descriptor, IommufdUapi.OptionHugePages, Ioas, isAllowed ? 1UL : 0);

    /// <inheritdoc/>
    public SysResult<ContainerInfo> GetInfo()
    {
        var iovas = IommufdCalls.IoasIovaRanges(_devices, Descriptor, Ioas);
        if (!iovas.IsOk)
        {
            return iovas.Errno;
        }

        return IommufdAnswer.Read(iovas.Value).Info is { } info ? info : Errno.EPROTO;
    }

    /// <summary>Kind, IOAS and descriptor.</summary>
    public override string ToString() => $"{Kind} ioas {Ioas} of {_context}";

    private ContainerRefusal? TryStart(IommufdDevice first)
    {
        var attached = Attach(first);
        if (!attached.IsOk)
        {
            return IommufdWords.Attach(first, attached.Errno);
        }

        var iovas = IommufdCalls.IoasIovaRanges(_devices, Descriptor, Ioas);
        if (!iovas.IsOk)
        {
            return IommufdWords.Info(iovas.Errno, fault: null);
        }

        var read = IommufdAnswer.Read(iovas.Value);
        if (read.Info is null)
        {
            return IommufdWords.Info(Errno.EPROTO, read.Fault);
        }

        InfoAtOpen = read.Info;
        return null;
    }
}
