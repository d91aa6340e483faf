using System.Buffers.Binary;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;
using Vmm.Testing.Emulation.Iommufd;
using Vmm.Testing.Emulation.Memory;
using Vmm.Testing.Emulation.Type1;
using Vmm.Testing.Emulation.Vfio;

namespace Vmm.Testing.Emulation;

/// <summary>
/// A software model of Linux' VFIO, 7.2 or an older one: <c>/dev/vfio/vfio</c>, <c>/dev/vfio/N</c>, <c>/dev/vfio/devices/vfioK</c>,
/// <c>/dev/iommu</c>, device descriptors, type1, no-IOMMU, sysfs and uevents. It reads the bytes of the same structs and answers with the errno that Linux answers. Memory is real memory of
/// this process; devices of the host can be made to write to it through their group's translation. Thread-safe.
/// </summary>
public sealed partial class EmulatedKernel : IDevices, IMemory, ISysfs, IUevents, IDisposable
{
    private const string VfioDirectory = "/dev/vfio/";
    private const string CdevDirectory = VfioDirectory + "devices/";
    private readonly LinuxKernel _linux = new();
    private readonly KernelState _state;
    private readonly Lock _gate;
    private readonly EmulatedProc _proc;
    private bool _disposed;

    /// <summary>A kernel on a host. A host carries one kernel.</summary>
    public EmulatedKernel(EmulatedHost host, EmulatedKernelOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(host);
        Host = host;
        Options = options ?? new EmulatedKernelOptions();
        _gate = host.Gate;
        host.RunsOn(Options.Personality);
        _state = new KernelState(host, Options, new DescriptorTable(_linux), new EmulatedMemory(_linux), new LockedMemory(Options), new LockedMemory(Options), _linux);
        _proc = new EmulatedProc(_gate, _state);
    }

    /// <summary>The host it runs on.</summary>
    public EmulatedHost Host { get; }

    /// <summary>Module parameters, limits and rights; may be changed while it runs.</summary>
    public EmulatedKernelOptions Options { get; }

    /// <summary>The five sides of this kernel, named <c>emulated</c>.</summary>
    public HostKernel ToHostKernel() => new("emulated", this, this, this, this, _proc);

    /// <inheritdoc/>
    public SysResult Open(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        lock (_gate)
        {
            if (path == VfioDirectory + "vfio")
            {
                return _state.Files.Open(new ContainerFile(new ContainerModel(_state)));
            }

            if (path == IommufdFile.Node && Options.Personality.HasIommufd)
            {
                return OpenIommufd();
            }

            if (path.StartsWith(CdevDirectory, StringComparison.Ordinal) && Options.Personality.HasDeviceNodes)
            {
                return Host.Devices.FirstOrDefault(device => IsNodeOf(device, path.AsSpan(CdevDirectory.Length))) is { } found
                    ? OpenCdev(found)
                    : Errno.ENOENT;
            }

            return path.StartsWith(VfioDirectory, StringComparison.Ordinal)
                && Host.Groups.FirstOrDefault(group => path.AsSpan(VfioDirectory.Length).SequenceEqual(group.NodeName)) is { Vfio: { } vfio }
                    ? OpenGroup(vfio)
                    : Errno.ENOENT;
        }
    }

    /// <inheritdoc cref="IDevices.Close"/>
    public SysResult Close(int descriptor)
    {
        lock (_gate)
        {
            return _state.Files.Close(descriptor);
        }
    }

    /// <inheritdoc/>
    public SysResult CreateEvent()
    {
        lock (_gate)
        {
            return _state.Files.Open(new EventFile());
        }
    }

    /// <inheritdoc/>
    public SysResult Ioctl(int descriptor, IoctlCode request, ulong value) =>
        Answer(descriptor, request, IoctlArgument.Of(value));

    /// <inheritdoc/>
    public SysResult Ioctl(int descriptor, IoctlCode request, Span<byte> argument) =>
        ClaimsMoreThanItHas(request, argument) ? Errno.EFAULT : Answer(descriptor, request, IoctlArgument.Of(argument));

    /// <inheritdoc/>
    public SysResult Ioctl(int descriptor, IoctlCode request, Span<byte> argument, int pointerAt, Span<byte> buffer)
    {
        if (ClaimsMoreThanItHas(request, argument) || pointerAt < 0 || pointerAt > argument.Length - sizeof(ulong))
        {
            return Errno.EFAULT;
        }

        var result = Answer(descriptor, request, IoctlArgument.Of(argument, pointerAt, buffer));

        // The pointer is never handed back, as on the Linux side of the fence.
        argument.Slice(pointerAt, sizeof(ulong)).Clear();
        return result;
    }

    /// <summary>Closes what is still open, without errors: a test that cares looks at <see cref="Census"/> first.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            foreach (var descriptor in _state.Files.Files.Select(pair => pair.Key).ToList())
            {
                _state.Files.Close(descriptor);
            }

            _state.Memory.Dispose();
        }
    }

    private static bool ClaimsMoreThanItHas(IoctlCode request, ReadOnlySpan<byte> argument) =>
        request.HasSize && (argument.Length < sizeof(uint) || BinaryPrimitives.ReadUInt32LittleEndian(argument) > argument.Length);

    private SysResult Answer(int descriptor, IoctlCode request, IoctlArgument argument)
    {
        lock (_gate)
        {
            return _state.Files[descriptor] is { } file ? file.Ioctl(request.Number, argument)
                : _state.Memory.IsFile(descriptor) ? Errno.ENOTTY
                : Errno.EBADF;
        }
    }

    private static bool IsNodeOf(EmulatedDevice device, ReadOnlySpan<char> name) =>
        device is { VfioIndex: >= 0, IsLeaving: false, Group.IsUnprotected: false } && name.SequenceEqual($"vfio{device.VfioIndex}");

    private SysResult OpenIommufd()
    {
        var reserved = _state.Files.Reserve();
        return reserved.IsOk ? _state.Files.Install(reserved.Descriptor, new IommufdFile(_state)) : reserved;
    }

    private SysResult OpenCdev(EmulatedDevice device)
    {
        var reserved = _state.Files.Reserve();
        return reserved.IsOk ? _state.Files.Install(reserved.Descriptor, new CdevFile(_state, device)) : reserved;
    }

    private SysResult OpenGroup(GroupModel group)
    {
        if (group.Host.IsUnprotected && !Options.HasRawIo)
        {
            return Errno.EPERM;
        }

        if (group.BoundCdevs > 0 || group.Opened is not null)
        {
            return Errno.EBUSY;
        }

        var file = new GroupFile(_state, group);
        var opened = _state.Files.Open(file);
        if (opened.IsOk)
        {
            group.Opened = file;
        }

        return opened;
    }
}
