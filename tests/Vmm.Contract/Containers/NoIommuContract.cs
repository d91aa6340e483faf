using Vmm.Contract.Hosts;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.Containers;
using Vmm.Iommu.Containers.NoIommu;
using Vmm.Iommu.Results;

namespace Vmm.Contract.Containers;

/// <summary>A container of groups without an IOMMU: devices open, and nothing is mapped.</summary>
public abstract class NoIommuContract
{
    [SkippableFact]
    [Trait("Requirement", "R2.6")]
    public void Its_devices_open_and_nothing_is_mapped()
    {
        using var host = CreateHost();
        var before = host.Held();
        var device = host.Device(DeviceRole.Unprotected);
        Assert.True(VfioGroup.TryOpen(host.Kernel.Devices, device.Group, out var group, out var refusal, hasNoIommu: true), $"{refusal}");
        Assert.True(NoIommuContainer.TryOpen(host.Kernel.Devices, group, out var container, out refusal), $"{refusal}");
        using (var opened = new OpenedContainer(host, container, group))
        {
            Assert.Equal(ContainerKind.NoIommu, container.Kind);
            Assert.Equal(Errno.ENOTTY, opened.Map(0x10_0000).Errno);
            Assert.True(container.Unmap(IovaRange.All, out var unmapped).IsOk);
            Assert.Equal(0UL, unmapped);
            Assert.Equal(device.Name, opened.OpenDevice(DeviceRole.Unprotected).Name);
            Assert.Equal(Errno.EBUSY, container.Detach(group).Errno);
        }

        Assert.Equal(before, host.Held());
    }

    /// <summary>The machine; skips the test where it has not what is needed.</summary>
    protected abstract IContractHost CreateHost();
}
