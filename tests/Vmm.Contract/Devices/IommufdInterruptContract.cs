using Vmm.Contract.Hosts;
using Vmm.Iommu.Containers;
using Vmm.Iommu.Containers.Iommufd;

namespace Vmm.Contract.Devices;

/// <summary>The contract of devices that have nodes of their own.</summary>
public abstract class IommufdInterruptContract : InterruptContract
{
    private protected override Action Open(IContractHost host, DeviceRole role, out AssignedDevice device)
    {
        Assert.True(IommufdContext.TryOpen(host.Kernel.Devices, out var context, out var refusal), $"{refusal}");
        Assert.True(host.Topology.TryGetDevice(host.Device(role).Name, out var found));
        Assert.True(IommufdDevice.TryOpen(host.Kernel.Devices, context, found, token: null, out var member, out refusal), $"{refusal}");
        device = Open(host, member, role);
        return () =>
        {
            Assert.True(member.Close().IsOk);
            Assert.True(context.Close().IsOk);
        };
    }
}
