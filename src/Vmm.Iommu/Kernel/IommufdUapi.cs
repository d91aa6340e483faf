namespace Vmm.Iommu.Kernel;

/// <summary>
/// Numbers and structs of linux/iommufd.h (x86 and arm64, 64-bit). Every struct begins with its own size in bytes, and an id names
/// an object of one open /dev/iommu.
/// </summary>
public static partial class IommufdUapi
{
    /// <summary>IOMMU_IOAS_MAP_FIXED_IOVA.</summary>
    public const uint MapFixedIova = 1;

    /// <summary>IOMMU_IOAS_MAP_WRITEABLE.</summary>
    public const uint MapWriteable = 2;

    /// <summary>IOMMU_IOAS_MAP_READABLE.</summary>
    public const uint MapReadable = 4;

    /// <summary>IOMMU_OPTION_RLIMIT_MODE: 0 charges locked memory to the user, 1 to the process.</summary>
    public const uint OptionRlimitMode = 0;

    /// <summary>IOMMU_OPTION_HUGE_PAGES: 1 (the default) allows large IOMMU pages, 0 forbids them.</summary>
    public const uint OptionHugePages = 1;

    /// <summary>IOMMU_OPTION_OP_SET.</summary>
    public const ushort OptionSet = 0;

    /// <summary>IOMMU_OPTION_OP_GET.</summary>
    public const ushort OptionGet = 1;

    /// <summary>IOMMU_VFIO_IOAS_GET.</summary>
    public const ushort VfioIoasGet = 0;

    /// <summary>IOMMU_VFIO_IOAS_SET.</summary>
    public const ushort VfioIoasSet = 1;

    /// <summary>IOMMU_VFIO_IOAS_CLEAR.</summary>
    public const ushort VfioIoasClear = 2;

    /// <summary>IOMMU_HWPT_ALLOC_NEST_PARENT.</summary>
    public const uint HwptNestParent = 1;

    /// <summary>IOMMU_HWPT_ALLOC_DIRTY_TRACKING.</summary>
    public const uint HwptDirtyTracking = 2;

    /// <summary>IOMMU_HWPT_FAULT_ID_VALID.</summary>
    public const uint HwptFaultIdValid = 4;

    /// <summary>IOMMU_HWPT_ALLOC_PASID.</summary>
    public const uint HwptPasid = 8;

    /// <summary>IOMMU_HWPT_DATA_NONE.</summary>
    public const uint HwptDataNone = 0;

    /// <summary>IOMMU_HW_INFO_FLAG_INPUT_TYPE.</summary>
    public const uint HwInfoInputType = 1;

    /// <summary>IOMMU_HW_INFO_TYPE_NONE.</summary>
    public const uint HwInfoNone = 0;

    /// <summary>IOMMU_HW_INFO_TYPE_INTEL_VTD.</summary>
    public const uint HwInfoIntelVtd = 1;

    /// <summary>IOMMU_HW_INFO_TYPE_ARM_SMMUV3.</summary>
    public const uint HwInfoArmSmmuV3 = 2;

    /// <summary>IOMMU_HW_INFO_TYPE_TEGRA241_CMDQV.</summary>
    public const uint HwInfoTegra241Cmdqv = 3;

    /// <summary>IOMMU_HW_INFO_TYPE_AMD.</summary>
    public const uint HwInfoAmd = 4;

    /// <summary>IOMMU_HW_CAP_DIRTY_TRACKING.</summary>
    public const ulong HwCapDirtyTracking = 1;

    /// <summary>IOMMU_HW_CAP_PCI_PASID_EXEC.</summary>
    public const ulong HwCapPasidExec = 2;

    /// <summary>IOMMU_HW_CAP_PCI_PASID_PRIV.</summary>
    public const ulong HwCapPasidPriv = 4;

    /// <summary>IOMMU_HW_CAP_PCI_ATS_NOT_SUPPORTED.</summary>
    public const ulong HwCapAtsNotSupported = 8;

    /// <summary>IOMMU_HWPT_DIRTY_TRACKING_ENABLE: also forgets what was written before.</summary>
    public const uint DirtyTrackingEnable = 1;

    /// <summary>IOMMU_HWPT_GET_DIRTY_BITMAP_NO_CLEAR: the next call reports the same pages again.</summary>
    public const uint DirtyBitmapNoClear = 1;

    /// <summary>Number of the first request: <c>_IO(';', 0x80)</c>.</summary>
    private const uint Base = 0x3b80;

    /// <summary>IOMMU_DESTROY: frees an object by its id; ENOENT for an unknown id, EBUSY while another object uses it.</summary>
    public static readonly IoctlCode Destroy = new(Base, "IOMMU_DESTROY", true);

    /// <summary>IOMMU_IOAS_ALLOC: a new, empty IOAS.</summary>
    public static readonly IoctlCode IoasAlloc = new(Base + 1, "IOMMU_IOAS_ALLOC", true);

    /// <summary>IOMMU_IOAS_ALLOW_IOVAS: replaces the list of IOVAs that no device may come to reserve.</summary>
    public static readonly IoctlCode IoasAllowIovas = new(Base + 2, "IOMMU_IOAS_ALLOW_IOVAS", true);

    /// <summary>IOMMU_IOAS_COPY: maps what one IOAS maps in a second one, without pinning it again.</summary>
    public static readonly IoctlCode IoasCopy = new(Base + 3, "IOMMU_IOAS_COPY", true);

    /// <summary>IOMMU_IOAS_IOVA_RANGES: the IOVAs that are not reserved.</summary>
    public static readonly IoctlCode IoasIovaRanges = new(Base + 4, "IOMMU_IOAS_IOVA_RANGES", true);

    /// <summary>IOMMU_IOAS_MAP: maps process memory.</summary>
    public static readonly IoctlCode IoasMap = new(Base + 5, "IOMMU_IOAS_MAP", true);

    /// <summary>IOMMU_IOAS_UNMAP: unmaps whole mappings; ENOENT where none lies in the range.</summary>
    public static readonly IoctlCode IoasUnmap = new(Base + 6, "IOMMU_IOAS_UNMAP", true);

    /// <summary>IOMMU_OPTION: reads or sets an option of the context or of an object.</summary>
    public static readonly IoctlCode Option = new(Base + 7, "IOMMU_OPTION", true);

    /// <summary>IOMMU_VFIO_IOAS: which IOAS stands behind the context's type1 calls.</summary>
    public static readonly IoctlCode VfioIoas = new(Base + 8, "IOMMU_VFIO_IOAS", true);

    /// <summary>IOMMU_HWPT_ALLOC: a page table for a device on an IOAS.</summary>
    public static readonly IoctlCode HwptAlloc = new(Base + 9, "IOMMU_HWPT_ALLOC", true);

    /// <summary>IOMMU_GET_HW_INFO: what the IOMMU of a device is and can.</summary>
    public static readonly IoctlCode GetHwInfo = new(Base + 10, "IOMMU_GET_HW_INFO", true);

    /// <summary>IOMMU_HWPT_SET_DIRTY_TRACKING: starts or stops the tracking of written pages.</summary>
    public static readonly IoctlCode HwptSetDirtyTracking = new(Base + 11, "IOMMU_HWPT_SET_DIRTY_TRACKING", true);

    /// <summary>IOMMU_HWPT_GET_DIRTY_BITMAP: which pages were written. Sets bits only; clears none in the caller's bitmap.</summary>
    public static readonly IoctlCode HwptGetDirtyBitmap = new(Base + 12, "IOMMU_HWPT_GET_DIRTY_BITMAP", true);

    /// <summary>IOMMU_IOAS_MAP_FILE: maps pages of a memfd, of a hugetlbfs file, or of a device's dma-buf.</summary>
    public static readonly IoctlCode IoasMapFile = new(Base + 15, "IOMMU_IOAS_MAP_FILE", true);

    /// <summary>IOMMU_IOAS_CHANGE_PROCESS: moves the charge for all mappings to the calling process; EINVAL with any mapping by process address.</summary>
    public static readonly IoctlCode IoasChangeProcess = new(Base + 18, "IOMMU_IOAS_CHANGE_PROCESS", true);
}
