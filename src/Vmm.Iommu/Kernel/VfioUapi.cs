namespace Vmm.Iommu.Kernel;

/// <summary>Numbers and structs of linux/vfio.h for containers, groups and devices (x86 and arm64, 64-bit).</summary>
public static partial class VfioUapi
{
    /// <summary>VFIO_API_VERSION.</summary>
    public const int ApiVersion = 0;

    /// <summary>VFIO_TYPE1_IOMMU: type1 v1.</summary>
    public const int Type1 = 1;

    /// <summary>VFIO_TYPE1v2_IOMMU.</summary>
    public const int Type1V2 = 3;

    /// <summary>VFIO_DMA_CC_IOMMU: extension only.</summary>
    public const int DmaCacheCoherent = 4;

    /// <summary>VFIO_NOIOMMU_IOMMU.</summary>
    public const int NoIommu = 8;

    /// <summary>VFIO_UNMAP_ALL: extension only.</summary>
    public const int UnmapAll = 9;

    /// <summary>VFIO_UPDATE_VADDR: extension only.</summary>
    public const int UpdateVaddr = 10;

    /// <summary>VFIO_GROUP_FLAGS_VIABLE.</summary>
    public const uint GroupViable = 1;

    /// <summary>VFIO_GROUP_FLAGS_CONTAINER_SET.</summary>
    public const uint GroupContainerSet = 2;

    /// <summary>VFIO_IOMMU_INFO_PGSIZES.</summary>
    public const uint InfoPageSizes = 1;

    /// <summary>VFIO_IOMMU_INFO_CAPS.</summary>
    public const uint InfoCaps = 2;

    /// <summary>VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE.</summary>
    public const ushort CapIovaRange = 1;

    /// <summary>VFIO_IOMMU_TYPE1_INFO_CAP_MIGRATION.</summary>
    public const ushort CapMigration = 2;

    /// <summary>VFIO_IOMMU_TYPE1_INFO_DMA_AVAIL.</summary>
    public const ushort CapDmaAvail = 3;

    /// <summary>VFIO_DMA_MAP_FLAG_READ.</summary>
    public const uint MapRead = 1;

    /// <summary>VFIO_DMA_MAP_FLAG_WRITE.</summary>
    public const uint MapWrite = 2;

    /// <summary>VFIO_DMA_MAP_FLAG_VADDR.</summary>
    public const uint MapVaddr = 4;

    /// <summary>VFIO_DMA_UNMAP_FLAG_GET_DIRTY_BITMAP.</summary>
    public const uint UnmapGetDirtyBitmap = 1;

    /// <summary>VFIO_DMA_UNMAP_FLAG_ALL.</summary>
    public const uint UnmapFlagAll = 2;

    /// <summary>VFIO_DMA_UNMAP_FLAG_VADDR.</summary>
    public const uint UnmapVaddr = 4;

    /// <summary>VFIO_IOMMU_DIRTY_PAGES_FLAG_START.</summary>
    public const uint DirtyStart = 1;

    /// <summary>VFIO_IOMMU_DIRTY_PAGES_FLAG_STOP.</summary>
    public const uint DirtyStop = 2;

    /// <summary>VFIO_IOMMU_DIRTY_PAGES_FLAG_GET_BITMAP.</summary>
    public const uint DirtyGetBitmap = 4;

    /// <summary>VFIO_DEVICE_FLAGS_RESET.</summary>
    public const uint DeviceReset = 1;

    /// <summary>VFIO_DEVICE_FLAGS_PCI.</summary>
    public const uint DevicePci = 2;

    /// <summary>VFIO_DEVICE_FLAGS_PLATFORM.</summary>
    public const uint DevicePlatform = 4;

    /// <summary>VFIO_DEVICE_FLAGS_AMBA.</summary>
    public const uint DeviceAmba = 8;

    /// <summary>VFIO_DEVICE_FLAGS_CCW.</summary>
    public const uint DeviceCcw = 16;

    /// <summary>VFIO_DEVICE_FLAGS_AP.</summary>
    public const uint DeviceAp = 32;

    /// <summary>VFIO_DEVICE_FLAGS_FSL_MC.</summary>
    public const uint DeviceFslMc = 64;

    /// <summary>VFIO_DEVICE_FLAGS_CDX.</summary>
    public const uint DeviceCdx = 256;

    /// <summary>VFIO_REGION_INFO_FLAG_READ.</summary>
    public const uint RegionRead = 1;

    /// <summary>VFIO_REGION_INFO_FLAG_WRITE.</summary>
    public const uint RegionWrite = 2;

    /// <summary>VFIO_REGION_INFO_FLAG_MMAP.</summary>
    public const uint RegionMmap = 4;

    /// <summary>VFIO_REGION_INFO_FLAG_CAPS.</summary>
    public const uint RegionCaps = 8;

    /// <summary>VFIO_PCI_ROM_REGION_INDEX; 0 to 5 are the BARs.</summary>
    public const uint PciRomRegion = 6;

    /// <summary>VFIO_PCI_CONFIG_REGION_INDEX.</summary>
    public const uint PciConfigRegion = 7;

    /// <summary>VFIO_PCI_VGA_REGION_INDEX.</summary>
    public const uint PciVgaRegion = 8;

    /// <summary>VFIO_PCI_NUM_REGIONS.</summary>
    public const uint PciRegions = 9;

    /// <summary>VFIO_PCI_INTX_IRQ_INDEX.</summary>
    public const uint PciIntx = 0;

    /// <summary>VFIO_PCI_MSI_IRQ_INDEX.</summary>
    public const uint PciMsi = 1;

    /// <summary>VFIO_PCI_MSIX_IRQ_INDEX.</summary>
    public const uint PciMsix = 2;

    /// <summary>VFIO_PCI_ERR_IRQ_INDEX.</summary>
    public const uint PciError = 3;

    /// <summary>VFIO_PCI_REQ_IRQ_INDEX: the kernel asks for the device back.</summary>
    public const uint PciRequest = 4;

    /// <summary>VFIO_PCI_NUM_IRQS.</summary>
    public const uint PciIrqs = 5;

    /// <summary>VFIO_IRQ_INFO_EVENTFD.</summary>
    public const uint IrqEventfd = 1;

    /// <summary>VFIO_IRQ_INFO_MASKABLE.</summary>
    public const uint IrqMaskable = 2;

    /// <summary>VFIO_IRQ_INFO_AUTOMASKED.</summary>
    public const uint IrqAutomasked = 4;

    /// <summary>VFIO_IRQ_INFO_NORESIZE.</summary>
    public const uint IrqNoResize = 8;

    /// <summary>VFIO_IRQ_SET_DATA_NONE.</summary>
    public const uint IrqDataNone = 1;

    /// <summary>VFIO_IRQ_SET_DATA_BOOL.</summary>
    public const uint IrqDataBool = 2;

    /// <summary>VFIO_IRQ_SET_DATA_EVENTFD.</summary>
    public const uint IrqDataEventfd = 4;

    /// <summary>VFIO_IRQ_SET_ACTION_MASK.</summary>
    public const uint IrqActionMask = 8;

    /// <summary>VFIO_IRQ_SET_ACTION_UNMASK.</summary>
    public const uint IrqActionUnmask = 16;

    /// <summary>VFIO_IRQ_SET_ACTION_TRIGGER.</summary>
    public const uint IrqActionTrigger = 32;

    /// <summary>VFIO_PCI_HOT_RESET_FLAG_DEV_ID: the list holds ids of bound devices, not groups.</summary>
    public const uint HotResetDeviceIds = 1;

    /// <summary>VFIO_PCI_HOT_RESET_FLAG_DEV_ID_OWNED: all devices of the list are the caller's, so it may reset them.</summary>
    public const uint HotResetDeviceIdsOwned = 2;

    /// <summary>VFIO_PCI_DEVID_OWNED: not bound here, but of a group that is the caller's.</summary>
    public const int DeviceIdOwned = 0;

    /// <summary>VFIO_PCI_DEVID_NOT_OWNED.</summary>
    public const int DeviceIdNotOwned = -1;

    /// <summary>VFIO_DEVICE_FEATURE_MASK: the bits of the flags that hold the feature's index.</summary>
    public const uint FeatureMask = 0xffff;

    /// <summary>VFIO_DEVICE_FEATURE_GET.</summary>
    public const uint FeatureGet = 1 << 16;

    /// <summary>VFIO_DEVICE_FEATURE_SET.</summary>
    public const uint FeatureSet = 1 << 17;

    /// <summary>VFIO_DEVICE_FEATURE_PROBE: asks only whether the feature, with get or set, is there.</summary>
    public const uint FeatureProbe = 1 << 18;

    /// <summary>VFIO_DEVICE_FEATURE_DMA_BUF: a get makes a dma-buf of a region's ranges and answers its descriptor.</summary>
    public const uint FeatureDmaBuf = 11;

    /// <summary>VFIO_DEVICE_BIND_FLAG_TOKEN.</summary>
    public const uint BindToken = 1;

    /// <summary>VFIO_DEVICE_ATTACH_PASID.</summary>
    public const uint AttachPasid = 1;

    /// <summary>VFIO_DEVICE_DETACH_PASID.</summary>
    public const uint DetachPasid = 1;

    /// <summary>Number of the first request: <c>_IO(';', 100)</c>.</summary>
    private const uint Base = 0x3b64;

    /// <summary>VFIO_GET_API_VERSION, on a container.</summary>
    public static readonly IoctlCode GetApiVersion = new(Base, "VFIO_GET_API_VERSION", false);

    /// <summary>VFIO_CHECK_EXTENSION, on a container, by value.</summary>
    public static readonly IoctlCode CheckExtension = new(Base + 1, "VFIO_CHECK_EXTENSION", false);

    /// <summary>VFIO_SET_IOMMU, on a container, by value.</summary>
    public static readonly IoctlCode SetIommu = new(Base + 2, "VFIO_SET_IOMMU", false);

    /// <summary>VFIO_GROUP_GET_STATUS.</summary>
    public static readonly IoctlCode GroupGetStatus = new(Base + 3, "VFIO_GROUP_GET_STATUS", true);

    /// <summary>VFIO_GROUP_SET_CONTAINER; the argument is a 4-byte descriptor.</summary>
    public static readonly IoctlCode GroupSetContainer = new(Base + 4, "VFIO_GROUP_SET_CONTAINER", false);

    /// <summary>VFIO_GROUP_UNSET_CONTAINER.</summary>
    public static readonly IoctlCode GroupUnsetContainer = new(Base + 5, "VFIO_GROUP_UNSET_CONTAINER", false);

    /// <summary>VFIO_GROUP_GET_DEVICE_FD; the argument is a zero-ended name.</summary>
    public static readonly IoctlCode GroupGetDeviceFd = new(Base + 6, "VFIO_GROUP_GET_DEVICE_FD", false);

    /// <summary>VFIO_DEVICE_GET_INFO.</summary>
    public static readonly IoctlCode DeviceGetInfo = new(Base + 7, "VFIO_DEVICE_GET_INFO", true);

    /// <summary>VFIO_DEVICE_GET_REGION_INFO.</summary>
    public static readonly IoctlCode DeviceGetRegionInfo = new(Base + 8, "VFIO_DEVICE_GET_REGION_INFO", true);

    /// <summary>VFIO_DEVICE_GET_IRQ_INFO.</summary>
    public static readonly IoctlCode DeviceGetIrqInfo = new(Base + 9, "VFIO_DEVICE_GET_IRQ_INFO", true);

    /// <summary>VFIO_DEVICE_SET_IRQS.</summary>
    public static readonly IoctlCode DeviceSetIrqs = new(Base + 10, "VFIO_DEVICE_SET_IRQS", true);

    /// <summary>VFIO_DEVICE_RESET.</summary>
    public static readonly IoctlCode DeviceResetRequest = new(Base + 11, "VFIO_DEVICE_RESET", false);

    /// <summary>VFIO_IOMMU_GET_INFO, on a type1 container.</summary>
    public static readonly IoctlCode IommuGetInfo = new(Base + 12, "VFIO_IOMMU_GET_INFO", true);

    /// <summary>VFIO_IOMMU_MAP_DMA.</summary>
    public static readonly IoctlCode IommuMapDma = new(Base + 13, "VFIO_IOMMU_MAP_DMA", true);

    /// <summary>VFIO_IOMMU_UNMAP_DMA.</summary>
    public static readonly IoctlCode IommuUnmapDma = new(Base + 14, "VFIO_IOMMU_UNMAP_DMA", true);

    /// <summary>VFIO_IOMMU_DIRTY_PAGES.</summary>
    public static readonly IoctlCode IommuDirtyPages = new(Base + 17, "VFIO_IOMMU_DIRTY_PAGES", true);

    /// <summary>VFIO_DEVICE_GET_PCI_HOT_RESET_INFO, on a device; ENOSPC when the list has no room.</summary>
    public static readonly IoctlCode DeviceGetPciHotResetInfo = new(Base + 12, "VFIO_DEVICE_GET_PCI_HOT_RESET_INFO", true);

    /// <summary>VFIO_DEVICE_PCI_HOT_RESET, on a device.</summary>
    public static readonly IoctlCode DevicePciHotReset = new(Base + 13, "VFIO_DEVICE_PCI_HOT_RESET", true);

    /// <summary>VFIO_DEVICE_FEATURE, on a device.</summary>
    public static readonly IoctlCode DeviceFeature = new(Base + 17, "VFIO_DEVICE_FEATURE", true);

    /// <summary>VFIO_DEVICE_BIND_IOMMUFD, on a cdev; closing the cdev undoes it.</summary>
    public static readonly IoctlCode DeviceBindIommufd = new(Base + 18, "VFIO_DEVICE_BIND_IOMMUFD", true);

    /// <summary>VFIO_DEVICE_ATTACH_IOMMUFD_PT, on a bound cdev; of an attached one it replaces the page table of the whole group.</summary>
    public static readonly IoctlCode DeviceAttachIommufdPt = new(Base + 19, "VFIO_DEVICE_ATTACH_IOMMUFD_PT", true);

    /// <summary>VFIO_DEVICE_DETACH_IOMMUFD_PT, on a bound cdev.</summary>
    public static readonly IoctlCode DeviceDetachIommufdPt = new(Base + 20, "VFIO_DEVICE_DETACH_IOMMUFD_PT", true);
}
