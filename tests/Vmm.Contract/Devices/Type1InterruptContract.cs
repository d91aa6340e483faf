using Vmm.Contract.Hosts;
using Vmm.Iommu.Containers;
using Vmm.Iommu.Containers.Type1;

namespace Vmm.Contract.Devices;

/// <summary>The contract of devices that come from a group.</summary>
public abstract class Type1InterruptContract : InterruptContract
{
    private protected override Action Open(IContractHost host, DeviceRole role, out AssignedDevice device)
    {
        Assert.True(VfioGroup.TryOpen(host.Kernel.Devices, host.Device(role).Group, out var group, out var refusal), $"{refusal}");
        Assert.True(Type1Container.TryOpen(host.Kernel.Devices, group, out var container, out refusal), $"{refusal}");
        device = Open(host, group, role);
        return () =>
        {
            Assert.True(container.Detach(group).IsOk);
            container.Close();
            group.Close();
        };
    }
}
