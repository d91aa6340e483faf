using System.Runtime.InteropServices;
using Vmm.Iommu.Kernel;

namespace Vmm.Iommu.Tests.Kernel;

/// <summary>The interface as the kernel's headers compile on x86-64 and arm64.</summary>
public sealed class VfioUapiTests
{
    public static TheoryData<IoctlCode, uint, string, bool> Requests => new()
    {
        { VfioUapi.GetApiVersion, 0x3b64, "VFIO_GET_API_VERSION", false },
        { VfioUapi.CheckExtension, 0x3b65, "VFIO_CHECK_EXTENSION", false },
        { VfioUapi.SetIommu, 0x3b66, "VFIO_SET_IOMMU", false },
        { VfioUapi.GroupGetStatus, 0x3b67, "VFIO_GROUP_GET_STATUS", true },
        { VfioUapi.GroupSetContainer, 0x3b68, "VFIO_GROUP_SET_CONTAINER", false },
        { VfioUapi.GroupUnsetContainer, 0x3b69, "VFIO_GROUP_UNSET_CONTAINER", false },
        { VfioUapi.GroupGetDeviceFd, 0x3b6a, "VFIO_GROUP_GET_DEVICE_FD", false },
        { VfioUapi.DeviceGetInfo, 0x3b6b, "VFIO_DEVICE_GET_INFO", true },
        { VfioUapi.DeviceGetRegionInfo, 0x3b6c, "VFIO_DEVICE_GET_REGION_INFO", true },
        { VfioUapi.DeviceGetIrqInfo, 0x3b6d, "VFIO_DEVICE_GET_IRQ_INFO", true },
        { VfioUapi.DeviceSetIrqs, 0x3b6e, "VFIO_DEVICE_SET_IRQS", true },
        { VfioUapi.DeviceResetRequest, 0x3b6f, "VFIO_DEVICE_RESET", false },
        { VfioUapi.IommuGetInfo, 0x3b70, "VFIO_IOMMU_GET_INFO", true },
        { VfioUapi.IommuMapDma, 0x3b71, "VFIO_IOMMU_MAP_DMA", true },
        { VfioUapi.IommuUnmapDma, 0x3b72, "VFIO_IOMMU_UNMAP_DMA", true },
        { VfioUapi.IommuDirtyPages, 0x3b75, "VFIO_IOMMU_DIRTY_PAGES", true },
    };

    public static TheoryData<Type, int, string> Layouts => new()
    {
        { typeof(VfioUapi.GroupStatus), 8, "ArgumentSize 0 Flags 4" },
        { typeof(VfioUapi.Type1Info), 24, "ArgumentSize 0 Flags 4 PageSizes 8 CapabilityOffset 16 Padding 20" },
        { typeof(VfioUapi.DmaMap), 32, "ArgumentSize 0 Flags 4 HostAddress 8 Iova 16 Size 24" },
        { typeof(VfioUapi.DmaUnmap), 24, "ArgumentSize 0 Flags 4 Iova 8 Size 16" },
        { typeof(VfioUapi.Bitmap), 24, "PageSize 0 Size 8 Data 16" },
        { typeof(VfioUapi.CapabilityHeader), 8, "Id 0 Version 2 Next 4" },
        { typeof(VfioUapi.DeviceInfo), 24, "ArgumentSize 0 Flags 4 Regions 8 Interrupts 12 CapabilityOffset 16 Padding 20" },
        { typeof(VfioUapi.RegionInfo), 32, "ArgumentSize 0 Flags 4 Index 8 CapabilityOffset 12 Size 16 Offset 24" },
        { typeof(VfioUapi.IrqInfo), 16, "ArgumentSize 0 Flags 4 Index 8 Count 12" },
        { typeof(VfioUapi.IrqSet), 20, "ArgumentSize 0 Flags 4 Index 8 Start 12 Count 16" },
    };

    [Theory]
    [MemberData(nameof(Requests))]
    public void Request_numbers_are_the_kernels(IoctlCode code, uint number, string name, bool hasSize) =>
        Assert.Equal(new IoctlCode(number, name, hasSize), code);

    [Theory]
    [MemberData(nameof(Layouts))]
    public void Structs_are_laid_out_as_the_kernels(Type type, int size, string offsets)
    {
        Assert.Equal(size, Marshal.SizeOf(type));
        Assert.Equal(offsets, string.Join(' ', type.GetFields().Select(field => $"{field.Name} {Marshal.OffsetOf(type, field.Name)}")));
    }

    [Fact]
    public void Every_struct_is_pinned_here() =>
        Assert.Equal(typeof(VfioUapi).GetNestedTypes().Length, Layouts.Count);
}
