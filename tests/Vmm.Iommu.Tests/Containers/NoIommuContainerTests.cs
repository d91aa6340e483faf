using Vmm.Iommu.Addressing;
using Vmm.Iommu.Containers;
using Vmm.Iommu.Containers.NoIommu;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;
using Vmm.Iommu.Tests.Kernel;

namespace Vmm.Iommu.Tests.Containers;

/// <summary>A container of groups without an IOMMU, step by step.</summary>
public sealed class NoIommuContainerTests
{
    private readonly ScriptedDevices _devices = new();
    private readonly VfioGroup _group;
    private int _offered = 1;
    private byte _type;

    public NoIommuContainerTests()
    {
        _devices.Answers[VfioUapi.GetApiVersion] = (_, _) => SysResult.Ok;
        _devices.Answers[VfioUapi.CheckExtension] = (_, argument) => SysResult.Of(argument[0] == VfioUapi.NoIommu ? _offered : 0);
        _devices.Answers[VfioUapi.GroupGetStatus] = (_, argument) =>
        {
            argument[4] = 1;
            return SysResult.Ok;
        };
        _devices.Answers[VfioUapi.GroupSetContainer] = (_, _) => SysResult.Ok;
        _devices.Answers[VfioUapi.GroupUnsetContainer] = (_, _) => SysResult.Ok;
        _devices.Answers[VfioUapi.SetIommu] = (_, argument) =>
        {
            _type = argument[0];
            return SysResult.Ok;
        };
        Assert.True(VfioGroup.TryOpen(_devices, 6, out var group, out _, hasNoIommu: true));
        _group = group;
        Assert.Contains("open /dev/vfio/noiommu-6", _devices.Calls);
        _devices.Calls.Clear();
    }

    [Fact]
    [Trait("Requirement", "R1.1")]
    public void It_is_opened_in_the_kernels_order_and_maps_nothing()
    {
        Assert.True(NoIommuContainer.TryOpen(_devices, _group, out var container, out _));
        Assert.Equal(
            ["open /dev/vfio/vfio", "VFIO_GET_API_VERSION", "VFIO_CHECK_EXTENSION", "VFIO_GROUP_SET_CONTAINER", "VFIO_SET_IOMMU"], _devices.Calls);
        Assert.Equal((8, ContainerKind.NoIommu), (_type, container.Kind));
        Assert.Equal(Errno.ENOTTY, container.Map(IovaRange.FromBounds(0, 0xfff), default, DmaAccess.Read).Errno);
        Assert.True(container.Unmap(IovaRange.All, out var unmapped).IsOk);
        Assert.Equal(0UL, unmapped);
        Assert.Empty(container.GetInfo().Value!.Windows!);
        Assert.True(container.Detach(_group).IsOk);
        Assert.True(container.Close().IsOk);
    }

    [Fact]
    public void A_kernel_that_does_not_offer_it_says_which_parameter()
    {
        _offered = 0;
        Assert.False(NoIommuContainer.TryOpen(_devices, _group, out _, out var refusal));
        Assert.Contains("enable_unsafe_noiommu_mode", refusal.Words, StringComparison.Ordinal);
        Assert.Equal("close", _devices.Calls[^1]);
    }

    [Fact]
    public void A_process_without_the_privilege_is_told_which()
    {
        _devices.Answers[VfioUapi.SetIommu] = (_, _) => Errno.EPERM;
        Assert.False(NoIommuContainer.TryOpen(_devices, _group, out _, out var refusal));
        Assert.Equal(("VFIO_SET_IOMMU", Errno.EPERM), (refusal.Operation, refusal.Errno));
        Assert.Contains("CAP_SYS_RAWIO", refusal.Words, StringComparison.Ordinal);
        Assert.Equal(["VFIO_GROUP_UNSET_CONTAINER", "close"], _devices.Calls[^2..]);
    }

    [Fact]
    public void A_group_with_an_IOMMU_is_not_taken()
    {
        _devices.Answers[VfioUapi.GroupSetContainer] = (_, _) => Errno.EPERM;
        Assert.False(NoIommuContainer.TryOpen(_devices, _group, out _, out var refusal));
        Assert.Equal(("VFIO_GROUP_SET_CONTAINER", "close"), (refusal.Operation, _devices.Calls[^1]));
    }
}
