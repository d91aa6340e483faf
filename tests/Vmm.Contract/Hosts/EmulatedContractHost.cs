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

    /// <summary>A machine with VT-d.</summary>
    public EmulatedContractHost()
        : this(IovaRange.FromBounds(0, 0xffff_ffff_ffff), [new(ReservedRegionKind.Msi, IovaRange.FromBounds(0xfee0_0000, 0xfeef_ffff), "each group", "host")])
    {
    }

    /// <summary>A machine whose IOMMU answers as another one does.</summary>
    public EmulatedContractHost(IovaRange aperture, IReadOnlyList<ReservedRegion> reserved)
    {
        LastIova = aperture.Last.Value;
        _kernel = new EmulatedKernel(EmulatedHost.Build(host => Build(host, aperture)), new EmulatedKernelOptions { HasIpcLock = true });
        foreach (var group in _kernel.Host.Groups.Where(group => !group.IsEmulated).ToList())
        {
            _kernel.Host.SetReservedRegions(group.Id, reserved);
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
        DeviceRole.Unprotected => new(Unprotected, $"/dev/vfio/noiommu-{_unprotectedGroup}"),
        _ => throw new ArgumentOutOfRangeException(nameof(role), role, "No such role."),
    };

    public IDmaBuffer DmaBuffer(AssignedDevice device) => new EngineBuffer(_kernel, Device(DeviceRole.Dma).Name);

    public string Held() => _kernel.Census().ToString();

    public void Dispose() => _kernel.Dispose();

    private static void Build(EmulatedHostBuilder host, IovaRange aperture) => host
        .Unit("dmar0", aperture: aperture)
        .Group(3).Device("0000:00:05.0", "vfio-pci", [0x4000])
        .Group(4).Device("0000:00:06.0", "vfio-pci", [0x10_0000])
        .Group(7).Device("0000:00:09.0", "vfio-pci", [0x10_0000]).Device("0000:00:09.1", "vfio-pci", [0x10_0000])
        .Group(8).Device("0000:00:0a.0", "vfio-pci", [0x10_0000]).Device("0000:00:0a.1", "virtio-pci")
        .Group(12).Mediated(Uuid);

    /// <summary>The same as a device with a DMA engine, told by the emulated kernel.</summary>
    private sealed class EngineBuffer(EmulatedKernel kernel, string device) : IDmaBuffer
    {
        private readonly byte[] _bytes = new byte[2048];

        public void Load(Iova source, int length) => kernel.DmaRead(device, source, _bytes.AsSpan(0, length));

        public void Store(Iova target, int length) => kernel.DmaWrite(device, target, _bytes.AsSpan(0, length));
    }
}
