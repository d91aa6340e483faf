using Vmm.Contract.Hosts;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.Containers;
using Vmm.Iommu.Containers.Iommufd;
using Vmm.Iommu.Containers.Type1;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Results;

namespace Vmm.Contract.Platforms;

/// <summary>What a kernel says of the IOMMU of a machine: page sizes, windows, coherency, the hardware's own words.</summary>
public abstract class PlatformContract
{
    [SkippableFact]
    public void Type1_tells_page_sizes_windows_and_coherency()
    {
        using var host = CreateHost(Machine.Type1, out var platform);
        Assert.True(VfioGroup.TryOpen(host.Kernel.Devices, host.Device(DeviceRole.Lone).Group, out var group, out var refusal), $"{refusal}");
        Assert.True(Type1Container.TryOpen(host.Kernel.Devices, group, out var container, out refusal), $"{refusal}");
        var info = container.GetInfo().Value!;
        Assert.Equal(platform.PageSizes, info.PageSizes.Bitmap);
        Assert.Equal(platform.Windows, info.Windows!);
        Assert.Equal(platform.IsCoherent ? 1 : 0, VfioCalls.CheckExtension(host.Kernel.Devices, container.Descriptor, VfioUapi.DmaCacheCoherent).Value);
        Assert.True(container.Detach(group).IsOk);
        container.Close();
        group.Close();
    }

    [SkippableFact]
    public void Sysfs_tells_the_unit_and_what_is_reserved()
    {
        using var host = CreateHost(Machine.Type1, out var platform);
        Assert.True(host.Topology.TryGetDevice(host.Device(DeviceRole.Lone).Name, out var device));
        Assert.Equal(platform.Unit, device.Iommu);
        var regions = host.Topology.Groups.Single(group => group.Id == device.Group).Reserved.Regions;
        Assert.Equal(platform.Reserved, regions.Select(region => region.Range));
        Assert.Equal(ReservedRegionKind.Msi, regions[0].Kind);
        Assert.All(regions.Skip(1), region => Assert.Equal(ReservedRegionKind.Reserved, region.Kind));
    }

    [SkippableFact]
    public void An_iommufd_tells_what_the_hardware_is()
    {
        using var host = CreateHost(Machine.Iommufd, out var platform);
        var devices = host.Kernel.Devices;
        Assert.True(IommufdContext.TryOpen(devices, out var context, out var refusal), $"{refusal}");
        Assert.True(host.Topology.TryGetDevice(host.Device(DeviceRole.Lone).Name, out var found));
        Assert.True(IommufdDevice.TryOpen(devices, context, found, token: null, out var device, out refusal), $"{refusal}");
        var info = IommufdCalls.GetHwInfo(devices, context.Descriptor, device.Id).Value!;
        Assert.Equal((platform.HwInfoType, IommufdUapi.HwCapAtsNotSupported), (info.DataType, info.Capabilities));
        Assert.Equal(platform.HwInfo.SelectMany(BitConverter.GetBytes), info.Data);
        CheckTables(devices, context.Descriptor, device, platform);
        device.Close();
        context.Close();
    }

    /// <summary>The machine; skips the test where it has not what is needed.</summary>
    protected abstract IContractHost CreateHost(string needed, out Platform platform);

    /// <summary>An empty IOAS has all IOVAs, one with a device what the hardware leaves; no IOMMU here can tell what was written, or nest.</summary>
    private static void CheckTables(IDevices devices, int iommufd, IommufdDevice device, Platform platform)
    {
        Assert.True(IommufdCalls.IoasAlloc(devices, iommufd, out var ioas).IsOk);
        Assert.Equal([IovaRange.All], Ranges(IommufdCalls.IoasIovaRanges(devices, iommufd, ioas).Value!));
        Assert.True(VfioCalls.DeviceAttachIommufdPt(devices, device.Descriptor, ioas, out _).IsOk);
        var iovas = IommufdCalls.IoasIovaRanges(devices, iommufd, ioas).Value!;
        Assert.Equal(platform.Windows, Ranges(iovas));
        Assert.Equal(0x1000u, iovas.Alignment);
        Assert.Equal(Errno.EOPNOTSUPP, Table(IommufdUapi.HwptDirtyTracking));
        Assert.Equal(Errno.EOPNOTSUPP, Table(IommufdUapi.HwptNestParent));
        Assert.Equal(platform.HasPasids ? Errno.None : Errno.EOPNOTSUPP, Table(IommufdUapi.HwptPasid));
        Assert.Equal(Errno.None, Table(0));

        Errno Table(uint flags) => IommufdCalls.HwptAlloc(devices, iommufd, flags, device.Id, ioas, out _).Errno;
    }

    private static IEnumerable<IovaRange> Ranges(IoasIovas iovas) => iovas.Ranges.Select(range => IovaRange.FromBounds(range.Start, range.Last));
}
