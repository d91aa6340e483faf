using System.Runtime.InteropServices;

namespace Vmm.Iommu.Kernel;

/// <content>The structs that calls pass.</content>
public static partial class VfioUapi
{
    /// <summary>struct vfio_group_status.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct GroupStatus
    {
        /// <summary>Bytes of the struct: 8.</summary>
        public uint ArgumentSize;

        /// <summary><see cref="GroupViable"/>, <see cref="GroupContainerSet"/>.</summary>
        public uint Flags;
    }

    /// <summary>struct vfio_iommu_type1_info; capabilities follow it in the same buffer.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Type1Info
    {
        /// <summary>Bytes of the buffer; on return the bytes needed where it was too short.</summary>
        public uint ArgumentSize;

        /// <summary><see cref="InfoPageSizes"/>, <see cref="InfoCaps"/>.</summary>
        public uint Flags;

        /// <summary>Bitmap of page sizes.</summary>
        public ulong PageSizes;

        /// <summary>Offset of the first capability from the start of the buffer; 0 when none was written.</summary>
        public uint CapabilityOffset;

        /// <summary>Unused.</summary>
        public uint Padding;
    }

    /// <summary>struct vfio_iommu_type1_dma_map.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct DmaMap
    {
        /// <summary>Bytes of the struct: 32.</summary>
        public uint ArgumentSize;

        /// <summary><see cref="MapRead"/>, <see cref="MapWrite"/>, <see cref="MapVaddr"/>.</summary>
        public uint Flags;

        /// <summary>Process address.</summary>
        public ulong HostAddress;

        /// <summary>First IOVA.</summary>
        public ulong Iova;

        /// <summary>Bytes.</summary>
        public ulong Size;
    }

    /// <summary>struct vfio_iommu_type1_dma_unmap, without the bitmap that may follow.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct DmaUnmap
    {
        /// <summary>Bytes of the struct: 24, or 48 with a bitmap.</summary>
        public uint ArgumentSize;

        /// <summary><see cref="UnmapGetDirtyBitmap"/>, <see cref="UnmapFlagAll"/>, <see cref="UnmapVaddr"/>.</summary>
        public uint Flags;

        /// <summary>First IOVA.</summary>
        public ulong Iova;

        /// <summary>Bytes; on return the bytes that were unmapped.</summary>
        public ulong Size;
    }

    /// <summary>struct vfio_bitmap.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Bitmap
    {
        /// <summary>Page size that a bit stands for, in bytes.</summary>
        public ulong PageSize;

        /// <summary>Bytes of the bitmap.</summary>
        public ulong Size;

        /// <summary>Pointer; patched by the fence.</summary>
        public ulong Data;
    }

    /// <summary>struct vfio_info_cap_header.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct CapabilityHeader
    {
        /// <summary>Which capability.</summary>
        public ushort Id;

        /// <summary>Version of its layout.</summary>
        public ushort Version;

        /// <summary>Offset of the next header from the start of the buffer; 0 ends the chain.</summary>
        public uint Next;
    }

    /// <summary>struct vfio_device_info.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct DeviceInfo
    {
        /// <summary>Bytes of the struct: 24; the kernel accepts 16.</summary>
        public uint ArgumentSize;

        /// <summary><see cref="DeviceReset"/>, <see cref="DevicePci"/> and others.</summary>
        public uint Flags;

        /// <summary>Number of regions.</summary>
        public uint Regions;

        /// <summary>Number of interrupt indexes.</summary>
        public uint Interrupts;

        /// <summary>Offset of the first capability.</summary>
        public uint CapabilityOffset;

        /// <summary>Unused.</summary>
        public uint Padding;
    }

    /// <summary>struct vfio_region_info; capabilities follow it in the same buffer.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct RegionInfo
    {
        /// <summary>Bytes of the buffer; on return the bytes needed where it was too short.</summary>
        public uint ArgumentSize;

        /// <summary><see cref="RegionRead"/>, <see cref="RegionWrite"/>, <see cref="RegionMmap"/>, <see cref="RegionCaps"/>.</summary>
        public uint Flags;

        /// <summary>Which region; 0 to 5 are the BARs of a PCI device.</summary>
        public uint Index;

        /// <summary>Offset of the first capability.</summary>
        public uint CapabilityOffset;

        /// <summary>Bytes of the region; 0 when the device has none of that index.</summary>
        public ulong Size;

        /// <summary>Offset in the device descriptor, for pread, pwrite and mmap.</summary>
        public ulong Offset;
    }

    /// <summary>struct vfio_irq_info.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct IrqInfo
    {
        /// <summary>Bytes of the struct: 16.</summary>
        public uint ArgumentSize;

        /// <summary><see cref="IrqEventfd"/> and others.</summary>
        public uint Flags;

        /// <summary>Which index.</summary>
        public uint Index;

        /// <summary>Interrupts of the index.</summary>
        public uint Count;
    }

    /// <summary>struct vfio_irq_set; its data follow it: 4-byte descriptors, or bytes.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct IrqSet
    {
        /// <summary>Bytes of the struct, 20, and of the data.</summary>
        public uint ArgumentSize;

        /// <summary>One kind of data and one action.</summary>
        public uint Flags;

        /// <summary>Which index.</summary>
        public uint Index;

        /// <summary>First interrupt of the index.</summary>
        public uint Start;

        /// <summary>Interrupts; 0 with no data ends the use of the index.</summary>
        public uint Count;
    }
}
