using Vmm.Iommu.Addressing;
using Vmm.Iommu.Containers;
using Vmm.Iommu.Containers.Iommufd;
using Vmm.Iommu.Containers.Type1;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;
using Vmm.Iommu.Topology;
using Vmm.Testing.Emulation;

namespace Vmm.Benchmarks;

/// <summary>
/// What stands behind a hot path: an open container with a member inside, another member that can come and go, the memory to map, and
/// the bare ioctls to hold it against.
/// </summary>
internal sealed class HotContainer : IDisposable
{
    private const ulong RamOfKernel = 16 << 20;

    private readonly IDevices _devices;

    private HotContainer(IDevices devices, IDmaContainer container, IContainerMember member, ContainerInfo info) =>
        (_devices, Container, Member, Info) = (devices, container, member, info);

    /// <summary>Opens one.</summary>
    /// <param name="kernel">On which kernel.</param>
    /// <param name="device">A device on vfio-pci, alone in its group.</param>
    /// <param name="other">A second one, which stays outside at first.</param>
    public delegate HotContainer Opening(HostKernel kernel, string device, string other);

    /// <summary>The container, with <see cref="Member"/> inside and nothing mapped.</summary>
    public IDmaContainer Container { get; }

    public IContainerMember Member { get; }

    /// <summary>What held when it was opened.</summary>
    public ContainerInfo Info { get; }

    /// <summary>A member that may join; null where nothing is behind the container.</summary>
    public IContainerMember? Other { get; private init; }

    /// <summary>The memory; on a kernel that looks at it, of 16 MiB, with its pages.</summary>
    public required RamBlock Ram { get; init; }

    // What a bare call answers.
    private Errno Expected { get; init; } = Errno.None;

    private IommufdContext? Context { get; init; }

    private EmulatedKernel? Emulated { get; set; }

    /// <summary>Over calls that do nothing.</summary>
    public static HotContainer NoOp() => Over(new NoOpContainer());

    /// <summary>Over a container that takes what it is given, and looks at no memory.</summary>
    public static HotContainer Over(IDmaContainer container) => new(new LinuxKernel(), container, new NoMember(), container.GetInfo().Value!)
    {
        Ram = RamBlock.FromExisting("ram", new HostAddress(1UL << 40), 1UL << 40),
        Expected = Errno.ENOTTY,
    };

    /// <summary>By a legacy container.</summary>
    public static HotContainer Type1(HostKernel kernel, string device, string other)
    {
        var (first, second) = (OpenGroup(kernel, device), OpenGroup(kernel, other));
        return Type1Container.TryOpen(kernel.Devices, first, out var container, out var refusal)
            ? new(kernel.Devices, container, first, container.InfoAtOpen) { Other = second, Ram = Touched(kernel) }
            : throw Refused(refusal);
    }

    /// <summary>By an IOAS of its own.</summary>
    public static HotContainer Iommufd(HostKernel kernel, string device, string other)
    {
        if (!IommufdContext.TryOpen(kernel.Devices, out var context, out var refusal))
        {
            throw Refused(refusal);
        }

        var (first, second) = (OpenDevice(kernel, context, device), OpenDevice(kernel, context, other));
        return IommufdContainer.TryOpen(kernel.Devices, first, out var container, out refusal)
            ? new(kernel.Devices, container, first, container.InfoAtOpen) { Other = second, Ram = Touched(kernel), Context = context }
            : throw Refused(refusal);
    }

    /// <summary>On an emulated kernel of its own, whose host has two groups.</summary>
    public static HotContainer OnEmulated(Opening open)
    {
        var kernel = new EmulatedKernel(EmulatedHost.Build(host =>
        {
            host.Group(1).Device("0000:01:00.0", "vfio-pci");
            host.Group(2).Device("0000:02:00.0", "vfio-pci");
        }));
        var opened = open(kernel.ToHostKernel(), "0000:01:00.0", "0000:02:00.0");
        opened.Emulated = kernel;
        return opened;
    }

    /// <summary>Pairs of the two ioctls for the first bytes of the memory.</summary>
    /// <param name="range">IOVAs, free.</param>
    /// <param name="pairs">How many.</param>
    public void BarePairs(IovaRange range, int pairs)
    {
        for (var pair = 0; pair < pairs; pair++)
        {
            if (BareMap(range).Errno != Expected || BareUnmap(range).Errno != Expected)
            {
                throw new InvalidOperationException("The kernel refused a bare pair.");
            }
        }
    }

    /// <summary>The container's own calls for the same.</summary>
    /// <param name="range">IOVAs, free.</param>
    /// <param name="pairs">How many.</param>
    public void Pairs(IovaRange range, int pairs)
    {
        for (var pair = 0; pair < pairs; pair++)
        {
            if (!Container.Map(range, Ram, 0, DmaAccess.ReadWrite).IsOk || !Container.Unmap(range, out var unmapped).IsOk || unmapped != (ulong)range.Length)
            {
                throw new InvalidOperationException("The container refused a pair.");
            }
        }
    }

    /// <summary>Lets go of all that was opened.</summary>
    public void Dispose()
    {
        Container.Detach(Member);
        Container.Close();
        Member.Close();
        Other?.Close();
        Context?.Close();
        Ram.Retire();
        Emulated?.Dispose();
    }

    private SysResult BareMap(IovaRange range) => Container is IommufdContainer iommufd
        ? IommufdCalls.IoasMapFile(_devices, iommufd.Descriptor, iommufd.Ioas, range, Ram.Descriptor, 0, DmaAccess.ReadWrite)
        : VfioCalls.IommuMapDma(_devices, Container.Descriptor, range, Ram.Address, DmaAccess.ReadWrite);

    private SysResult BareUnmap(IovaRange range) => Container is IommufdContainer iommufd
        ? IommufdCalls.IoasUnmap(_devices, iommufd.Descriptor, iommufd.Ioas, range, out _)
        : VfioCalls.IommuUnmapDma(_devices, Container.Descriptor, range, out _);

    private static RamBlock Touched(HostKernel kernel)
    {
        var ram = RamBlock.Allocate(kernel.Memory, "pages", RamOfKernel);
        ram.Bytes(0, (int)ram.Length).Fill(1);
        return ram;
    }

    private static VfioGroup OpenGroup(HostKernel kernel, string device) =>
        VfioGroup.TryOpen(kernel.Devices, Found(kernel, device).Group!.Value.Value, out var group, out var refusal) ? group : throw Refused(refusal);

    private static IommufdDevice OpenDevice(HostKernel kernel, IommufdContext context, string device) =>
        IommufdDevice.TryOpen(kernel.Devices, context, Found(kernel, device), null, out var opened, out var refusal) ? opened : throw Refused(refusal);

    private static HostDevice Found(HostKernel kernel, string device) =>
        new SysfsTopologyReader(kernel.Sysfs).Read(1).TryGetDevice(device, out var found)
            ? found
            : throw new InvalidOperationException($"The machine has no device {device}.");

    private static InvalidOperationException Refused(ContainerRefusal refusal) => new(refusal.ToString());

    private sealed class NoMember : IContainerMember
    {
        public string Name => "nothing";

        public int Group => 1;

        public bool KeepsDevice => false;

        public SysResult<bool> GetIsInside() => false;

        public SysResult<OwnedFd> GetDevice(string name) => Errno.ENODEV;

        public SysResult Close() => SysResult.Ok;
    }
}
