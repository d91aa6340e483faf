using Vmm.Contract.Hosts;
using Vmm.Iommu.Containers;
using Vmm.Iommu.Containers.Iommufd;
using Vmm.Iommu.Results;
using Vmm.Iommu.Topology;

namespace Vmm.Contract.Containers;

/// <summary>The contract of an IOAS, by devices of their own.</summary>
public abstract class IommufdContract : ContainerContract
{
    /// <summary>The kernel's ENOENT is a success with nothing unmapped here.</summary>
    protected override Errno CutAnswer => Errno.None;

    protected override Errno LeaveAnswer => Errno.None;

    [SkippableFact]
    public void A_second_container_of_the_context_copies_the_mappings()
    {
        using var opened = Open(DeviceRole.Lone);
        Assert.True(opened.Map(0x10_0000, pages: 4).IsOk);
        var first = (IommufdContainer)opened.Container;
        var device = (IommufdDevice)OpenMember(DeviceRole.Dma, opened);
        Assert.True(IommufdContainer.TryOpen(Host.Kernel.Devices, device, out var second, out var refusal), $"{refusal}");
        using var beside = new OpenedContainer(Host, second, device);
        Assert.Equal(Errno.None, second.Copy(first, Iommu.Addressing.IovaRange.FromLength(0x10_1000, 0x2000), new(0x20_0000), Iommu.Addressing.DmaAccess.ReadWrite).Errno);
        Assert.Equal(0x2000, beside.Unmap(0x20_0000, 0x2000));
        Assert.Equal(0x4000, opened.Unmap(0x10_0000, 0x4000));
    }

    protected override OpenedContainer Open(DeviceRole role)
    {
        Assert.True(IommufdContext.TryOpen(Host.Kernel.Devices, out var context, out var refusal), $"{refusal}");
        var device = OpenDevice(context, role);
        Assert.True(IommufdContainer.TryOpen(Host.Kernel.Devices, device, out var container, out refusal), $"{refusal}");
        return new OpenedContainer(Host, container, device, context.Close);
    }

    protected override IContainerMember OpenMember(DeviceRole role, OpenedContainer beside) => OpenDevice(((IommufdDevice)beside.Member).Context, role);

    protected override ContainerRefusal? Refusal(DeviceRole role)
    {
        Assert.True(IommufdContext.TryOpen(Host.Kernel.Devices, out var context, out var refusal), $"{refusal}");
        var isOpen = IommufdDevice.TryOpen(Host.Kernel.Devices, context, OnHost(role), token: null, out _, out refusal);
        Assert.True(context.Close().IsOk);
        return isOpen ? null : refusal;
    }

    private IommufdDevice OpenDevice(IommufdContext context, DeviceRole role)
    {
        Assert.True(IommufdDevice.TryOpen(Host.Kernel.Devices, context, OnHost(role), token: null, out var device, out var refusal), $"{refusal}");
        return device;
    }

    private HostDevice OnHost(DeviceRole role)
    {
        var name = Host.Device(role).Name;
        Assert.True(Host.Topology.TryGetDevice(name, out var device), $"sysfs has no device {name}");
        return device;
    }
}
