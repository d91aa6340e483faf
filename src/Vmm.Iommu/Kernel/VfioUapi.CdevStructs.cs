using System.Runtime.InteropServices;

namespace Vmm.Iommu.Kernel;

/// <content>The structs of dirty pages, cdevs, features and hot resets.</content>
public static partial class VfioUapi
{
    /// <summary>struct vfio_iommu_type1_dirty_bitmap; for a get, a <see cref="DirtyBitmapQuery"/> follows.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct DirtyPages
    {
        /// <summary>Bytes of the struct: 8, or 48 with a query.</summary>
        public uint ArgumentSize;

        /// <summary>One of <see cref="DirtyStart"/>, <see cref="DirtyStop"/>, <see cref="DirtyGetBitmap"/>.</summary>
        public uint Flags;
    }

    /// <summary>struct vfio_iommu_type1_dirty_bitmap_get.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct DirtyBitmapQuery
    {
        /// <summary>First IOVA.</summary>
        public ulong Iova;

        /// <summary>Bytes.</summary>
        public ulong Size;

        /// <summary>Where the answer goes: one bit a page, the first page's is bit 0 of byte 0.</summary>
        public Bitmap Pages;
    }

    /// <summary>struct vfio_pci_hot_reset_info; the list of <see cref="DependentDevice"/> follows it.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct HotResetInfo
    {
        /// <summary>Bytes of the struct, 12, and of the list.</summary>
        public uint ArgumentSize;

        /// <summary>On return <see cref="HotResetDeviceIds"/>, <see cref="HotResetDeviceIdsOwned"/>.</summary>
        public uint Flags;

        /// <summary>On return the devices that a hot reset resets, written or, with ENOSPC, wanted.</summary>
        public uint Count;
    }

    /// <summary>struct vfio_pci_dependent_device.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct DependentDevice
    {
        /// <summary>The IOMMU group; with <see cref="HotResetDeviceIds"/> the id of the bound device, <see cref="DeviceIdOwned"/> or <see cref="DeviceIdNotOwned"/>.</summary>
        public uint GroupOrDeviceId;

        /// <summary>PCI segment.</summary>
        public ushort Segment;

        /// <summary>PCI bus.</summary>
        public byte Bus;

        /// <summary>Slot in the upper five bits, function in the lower three.</summary>
        public byte SlotAndFunction;
    }

    /// <summary>struct vfio_pci_hot_reset; the descriptors of groups, 4 bytes each, follow it.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct HotReset
    {
        /// <summary>Bytes of the struct, 12, and of the descriptors.</summary>
        public uint ArgumentSize;

        /// <summary>0.</summary>
        public uint Flags;

        /// <summary>Group descriptors; 0 for a bound cdev.</summary>
        public uint Count;
    }

    /// <summary>struct vfio_device_feature; its data follow it.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Feature
    {
        /// <summary>Bytes of the struct, 8, and of the data.</summary>
        public uint ArgumentSize;

        /// <summary>Index of the feature, with <see cref="FeatureGet"/>, <see cref="FeatureSet"/>, <see cref="FeatureProbe"/>.</summary>
        public uint Flags;
    }

    /// <summary>struct vfio_device_feature_dma_buf: the data of <see cref="FeatureDmaBuf"/>; its ranges follow it.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct DmaBufFeature
    {
        /// <summary>Which region.</summary>
        public uint RegionIndex;

        /// <summary>Flags of open(2) for the descriptor.</summary>
        public uint OpenFlags;

        /// <summary>0.</summary>
        public uint Flags;

        /// <summary>Ranges that follow.</summary>
        public uint RangeCount;
    }

    /// <summary>struct vfio_region_dma_range.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct DmaBufRange
    {
        /// <summary>Offset in the region, in bytes; a multiple of the page.</summary>
        public ulong Offset;

        /// <summary>Bytes; a multiple of the page.</summary>
        public ulong Length;
    }

    /// <summary>struct vfio_device_bind_iommufd.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct IommufdBinding
    {
        /// <summary>Bytes of the struct: 24; older kernels know 16.</summary>
        public uint ArgumentSize;

        /// <summary>0, or <see cref="BindToken"/>.</summary>
        public uint Flags;

        /// <summary>Descriptor of /dev/iommu.</summary>
        public int Iommufd;

        /// <summary>On return the id of the device in that iommufd.</summary>
        public uint DeviceId;

        /// <summary>Pointer to the 16 bytes of a UUID; patched by the fence.</summary>
        public ulong Token;
    }

    /// <summary>struct vfio_device_attach_iommufd_pt.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct PageTableAttach
    {
        /// <summary>Bytes of the struct: 16; older kernels know 12.</summary>
        public uint ArgumentSize;

        /// <summary>0, or <see cref="AttachPasid"/>.</summary>
        public uint Flags;

        /// <summary>Id of an IOAS or page table; on return that of the page table, for an mdev that of the IOAS.</summary>
        public uint PageTableId;

        /// <summary>With <see cref="AttachPasid"/>.</summary>
        public uint Pasid;
    }

    /// <summary>struct vfio_device_detach_iommufd_pt.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct PageTableDetach
    {
        /// <summary>Bytes of the struct: 12; older kernels know 8.</summary>
        public uint ArgumentSize;

        /// <summary>0, or <see cref="DetachPasid"/>.</summary>
        public uint Flags;

        /// <summary>With <see cref="DetachPasid"/>.</summary>
        public uint Pasid;
    }
}
