using Vmm.Iommu.Addressing;
using Vmm.Iommu.Containers;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Topology;
using Vmm.Testing.Emulation;

namespace Vmm.Contract.Hosts;

/// <summary>An emulated kernel on a host with one device of each role.</summary>
internal sealed class EmulatedContractHost : IContractHost
{
    private const string Uuid = "6f1d2f4e-0c5b-4a4e-9d8e-000000000001";
    private const string Unprotected = "0000:21:00.0";

    private readonly EmulatedKernel _kernel;
    private readonly int _unprotectedGroup;

    /// <summary>A machine with VT-d of 48 bits.</summary>
    public EmulatedContractHost()
        : this(Platform.Vtd48)
    {
    }

    /// <summary>A machine with another IOMMU, or a process with other rights.</summary>
    public EmulatedContractHost(Platform platform, EmulatedKernelOptions? options = null)
    {
        LastIova = platform.Aperture.Last.Value;
        _kernel = new EmulatedKernel(EmulatedHost.Build(host => Build(host, platform)), options ?? new EmulatedKernelOptions { HasIpcLock = true });
        foreach (var group in _kernel.Host.Groups.Where(group => !group.IsEmulated).ToList())
        {
            _kernel.Host.SetReservedRegions(group.Id, [.. platform.Reserved.Select(RegionOf)]);
        }

        _kernel.Host.AllowsUnsafeNoIommu = true;
        _unprotectedGroup = _kernel.Host.AddDeviceWithoutIommu(new PciDeviceSpec(Unprotected)) is var bare && _kernel.Host.BindToVfio(bare.Name).IsOk
            ? bare.Group!.Id
            : throw new InvalidOperationException($"The emulated host does not give {Unprotected} to VFIO.");
    }

    public HostKernel Kernel => _kernel.ToHostKernel();

    public ulong LastIova { get; }

    public HostTopology Topology => new SysfsTopologyReader(_kernel).Read(1);

    public ContractDevice Device(DeviceRole role) => role switch
    {
        DeviceRole.Lone => new("0000:00:05.0", "/dev/vfio/3"),
        DeviceRole.Dma => new("0000:00:06.0", "/dev/vfio/4"),
        DeviceRole.FirstOfTwo => new("0000:00:09.0", "/dev/vfio/7"),
        DeviceRole.SecondOfTwo => new("0000:00:09.1", "/dev/vfio/7"),
        DeviceRole.Mediated => new(Uuid, "/dev/vfio/12"),
        DeviceRole.Unviable => new("0000:00:0a.0", "/dev/vfio/8"),
        DeviceRole.Port => new("0000:01:00.0", "/dev/vfio/5"),
        DeviceRole.Bridged => new("0000:02:01.0", "/dev/vfio/6"),
        DeviceRole.BridgedSibling => new("0000:02:02.0", "/dev/vfio/6"),
        DeviceRole.UnviableNeighbour => new("0000:00:0a.1", "/dev/vfio/8"),
        DeviceRole.Unprotected => new(Unprotected, $"/dev/vfio/noiommu-{_unprotectedGroup}"),
        _ => throw new ArgumentOutOfRangeException(nameof(role), role, "No such role."),
    };

    public bool Has(DeviceRole role) => true;

    public IDmaBuffer DmaBuffer(AssignedDevice device) => new EngineBuffer(_kernel, Device(DeviceRole.Dma).Name);

    public IInterruptLine InterruptLine(AssignedDevice device) => new Line(_kernel, device);

    public string Held() => _kernel.Census().ToString();

    public void Dispose() => _kernel.Dispose();

    private static void Build(EmulatedHostBuilder host, Platform platform) => host
        .Unit(platform.Unit, platform.Kind, platform.Aperture)
        .Group(3).Device(Express("0000:00:05.0", 0x4000, new(0, 65)))
        .Group(4).Device(Conventional("0000:00:06.0"))
        .Group(5).Device(Express("0000:01:00.0", 0x2_0000, new(1, 5)) with { Parent = "devices/pci0000:00/0000:00:07.0" })
        .Group(6).Device(Behind("0000:02:01.0")).Device(Behind("0000:02:02.0"))
        .Group(7).Device(Conventional("0000:00:09.0")).Device(Conventional("0000:00:09.1"))
        .Group(8).Device(Conventional("0000:00:0a.0")).Device("0000:00:0a.1", "virtio-pci")
        .Group(12).Mediated(Uuid);

    private static PciDeviceSpec Express(string name, ulong bar, InterruptVectors vectors) => new(name)
    {
        Driver = "vfio-pci",
        Vectors = vectors,
        Bars = [PciBar.Memory(0x3800_0000_0000 + (Place(name) << 24), bar)],
    };

    /// <summary>A device without PCI Express and without a reset of its own, as QEMU's edu is.</summary>
    private static PciDeviceSpec Conventional(string name) => Express(name, 0x10_0000, new(1, 0)) with { IsExpress = false, CanReset = false };

    private static PciDeviceSpec Behind(string name) => Conventional(name) with { Parent = "devices/pci0000:00/0000:00:08.0" };

    /// <summary>A number that no other device of the host has.</summary>
    private static ulong Place(string name) => PciAddress.Parse(name) is var at ? ((ulong)at.Bus << 8) | ((ulong)at.Device << 3) | at.Function : 0;

    private static ReservedRegion RegionOf(IovaRange range, int index) =>
        new(index == 0 ? ReservedRegionKind.Msi : ReservedRegionKind.Reserved, range, "each group", "host");

    /// <summary>The same as a device with a DMA engine, told by the emulated kernel.</summary>
    private sealed class EngineBuffer(EmulatedKernel kernel, string device) : IDmaBuffer
    {
        private readonly byte[] _bytes = new byte[2048];

        public void Load(Iova source, int length) => kernel.DmaRead(device, source, _bytes.AsSpan(0, length));

        public void Store(Iova target, int length) => kernel.DmaWrite(device, target, _bytes.AsSpan(0, length));
    }

    /// <summary>The interrupt of a device, told by the emulated kernel.</summary>
    private sealed class Line(EmulatedKernel kernel, AssignedDevice device) : IInterruptLine
    {
        public void Raise() => Assert.True(kernel.RaiseInterrupt(device.Name, device.Interrupts.Mode!.Value, 0).IsOk);

        public void Lower()
        {
            // Nothing holds the line up: each raise is an interrupt of its own.
        }
    }
}
