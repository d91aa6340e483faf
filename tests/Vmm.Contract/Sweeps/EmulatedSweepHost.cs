using Vmm.Iommu.Addressing;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Reserved;
using Vmm.Testing.Emulation;

namespace Vmm.Contract.Sweeps;

/// <summary>
/// An emulated host of three groups. Groups 5 and 6 go together, and 6 has two devices and narrows the windows; 7 reserves the place where
/// the BAR of group 5's device is shown, so that it needs a container of its own.
/// </summary>
internal sealed class EmulatedSweepHost : ISweepHost
{
    private readonly EmulatedKernel _kernel = new(EmulatedHost.Build(Build));

    public HostKernel Kernel => _kernel.ToHostKernel();

    public ulong BarAt => 0x8000_0000;

    public string? Device(string part) => part switch
    {
        SweepWorld.First => "0000:05:00.0",
        SweepWorld.Second => "0000:06:00.0",
        SweepWorld.Sibling => "0000:06:00.1",
        _ => "0000:07:00.0",
    };

    public SweepCensus Look()
    {
        var census = _kernel.Census();
        var parts = new Dictionary<string, string>
        {
            ["descriptors"] = $"{census.Containers} container, {census.Groups} group, {census.Devices} device, {census.Events + census.Listeners} other",
            ["DMA mappings"] = string.Join('+', census.Mappings.Order()),
            ["iommufd"] = $"{census.Iommufds} open, {census.Cdevs} devices, {census.Ioases} IOASes, {census.Areas} mappings, {census.BoundDevices} bound",
            ["groups"] = $"{census.AttachedGroups} attached, {census.OwnedGroups} owned",
            ["devices"] = $"{census.OpenDevices} open, {census.MappedBars} BARs mapped",
            ["pages"] = $"{census.PinnedPages} pinned, {census.LockedPages} locked",
            ["memory mappings"] = $"{census.LiveMappings}",
        };
        return new SweepCensus(
            parts, census.Iommufds > 0, census.Devices + census.Cdevs, census.Groups, census.Containers + census.Ioases, census.Mappings.Sum() + census.Areas);
    }

    public string? Left() => _kernel.Census() is { IsEmpty: false } held ? held.ToString() : null;

    public void Dispose() => _kernel.Dispose();

    private static void Build(EmulatedHostBuilder host) => host
        .Group(5).Device("0000:05:00.0", driver: "vfio-pci", bars: [0x4000]).Msi()
        .Group(6).Device("0000:06:00.0", driver: "vfio-pci", bars: [0x4000]).Device("0000:06:00.1", driver: "vfio-pci").Msi()
        .Reserved(ReservedRegionKind.Reserved, IovaRange.FromLength(0x9000_0000, 0x1000))
        .Group(7).Device("0000:07:00.0", driver: "vfio-pci", bars: [0x4000]).Msi()
        .Reserved(ReservedRegionKind.Reserved, IovaRange.FromLength(0x8000_0000, 0x1000));
}
