using System.Runtime.InteropServices;

namespace Vmm.Iommu.Kernel;

/// <content>The structs that calls pass.</content>
public static partial class IommufdUapi
{
    /// <summary>struct iommu_destroy.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct DestroyArguments
    {
        /// <summary>Bytes of the struct: 8.</summary>
        public uint Size;

        /// <summary>Id of the object.</summary>
        public uint Id;
    }

    /// <summary>struct iommu_ioas_alloc.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct IoasAllocArguments
    {
        /// <summary>Bytes of the struct: 12.</summary>
        public uint Size;

        /// <summary>0.</summary>
        public uint Flags;

        /// <summary>On return the id of the IOAS.</summary>
        public uint IoasId;
    }

    /// <summary>struct iommu_iova_range, an element of the arrays of <see cref="IoasIovaRanges"/> and <see cref="IoasAllowIovas"/>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct IovaRangeEntry
    {
        /// <summary>First IOVA.</summary>
        public ulong Start;

        /// <summary>Last IOVA, inclusive.</summary>
        public ulong Last;
    }

    /// <summary>struct iommu_ioas_iova_ranges.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct IoasIovaRangesArguments
    {
        /// <summary>Bytes of the struct: 32.</summary>
        public uint Size;

        /// <summary>Id of the IOAS.</summary>
        public uint IoasId;

        /// <summary>Elements that the array has room for; on return those that there are, with EMSGSIZE when they are more.</summary>
        public uint Count;

        /// <summary>0.</summary>
        public uint Reserved;

        /// <summary>Pointer to the array; patched by the fence.</summary>
        public ulong Ranges;

        /// <summary>On return what IOVAs and lengths must be multiples of, in bytes.</summary>
        public ulong Alignment;
    }

    /// <summary>struct iommu_ioas_allow_iovas.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct IoasAllowIovasArguments
    {
        /// <summary>Bytes of the struct: 24.</summary>
        public uint Size;

        /// <summary>Id of the IOAS.</summary>
        public uint IoasId;

        /// <summary>Elements of the array; 0 empties the list.</summary>
        public uint Count;

        /// <summary>0.</summary>
        public uint Reserved;

        /// <summary>Pointer to the array; patched by the fence.</summary>
        public ulong Ranges;
    }

    /// <summary>struct iommu_ioas_map.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct IoasMapArguments
    {
        /// <summary>Bytes of the struct: 40.</summary>
        public uint Size;

        /// <summary><see cref="MapFixedIova"/>, <see cref="MapWriteable"/>, <see cref="MapReadable"/>.</summary>
        public uint Flags;

        /// <summary>Id of the IOAS.</summary>
        public uint IoasId;

        /// <summary>0.</summary>
        public uint Reserved;

        /// <summary>Process address.</summary>
        public ulong HostAddress;

        /// <summary>Bytes.</summary>
        public ulong Length;

        /// <summary>First IOVA; on return the one that was chosen.</summary>
        public ulong Iova;
    }

    /// <summary>struct iommu_ioas_map_file.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct IoasMapFileArguments
    {
        /// <summary>Bytes of the struct: 40.</summary>
        public uint Size;

        /// <summary>As in <see cref="IoasMapArguments"/>.</summary>
        public uint Flags;

        /// <summary>Id of the IOAS.</summary>
        public uint IoasId;

        /// <summary>Descriptor of the file.</summary>
        public int File;

        /// <summary>Offset in the file, in bytes.</summary>
        public ulong Start;

        /// <summary>Bytes.</summary>
        public ulong Length;

        /// <summary>First IOVA; on return the one that was chosen.</summary>
        public ulong Iova;
    }

    /// <summary>struct iommu_ioas_copy.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct IoasCopyArguments
    {
        /// <summary>Bytes of the struct: 40.</summary>
        public uint Size;

        /// <summary>As in <see cref="IoasMapArguments"/>.</summary>
        public uint Flags;

        /// <summary>Id of the IOAS that is mapped in.</summary>
        public uint TargetIoasId;

        /// <summary>Id of the IOAS that has the mappings.</summary>
        public uint SourceIoasId;

        /// <summary>Bytes.</summary>
        public ulong Length;

        /// <summary>First IOVA in the target; on return the one that was chosen.</summary>
        public ulong TargetIova;

        /// <summary>First IOVA in the source.</summary>
        public ulong SourceIova;
    }

    /// <summary>struct iommu_ioas_unmap.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct IoasUnmapArguments
    {
        /// <summary>Bytes of the struct: 24.</summary>
        public uint Size;

        /// <summary>Id of the IOAS.</summary>
        public uint IoasId;

        /// <summary>First IOVA; 0 with a length of 2^64-1 is everything.</summary>
        public ulong Iova;

        /// <summary>Bytes; on return the bytes that were unmapped.</summary>
        public ulong Length;
    }

    /// <summary>struct iommu_option.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct OptionArguments
    {
        /// <summary>Bytes of the struct: 24.</summary>
        public uint Size;

        /// <summary><see cref="OptionRlimitMode"/> or <see cref="OptionHugePages"/>.</summary>
        public uint OptionId;

        /// <summary><see cref="OptionSet"/> or <see cref="OptionGet"/>.</summary>
        public ushort Operation;

        /// <summary>0.</summary>
        public ushort Reserved;

        /// <summary>Id of the object; 0 is the context.</summary>
        public uint ObjectId;

        /// <summary>The value, in or out.</summary>
        public ulong Value;
    }

    /// <summary>struct iommu_vfio_ioas.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct VfioIoasArguments
    {
        /// <summary>Bytes of the struct: 12.</summary>
        public uint Size;

        /// <summary>Id of the IOAS, in or out.</summary>
        public uint IoasId;

        /// <summary><see cref="VfioIoasGet"/>, <see cref="VfioIoasSet"/> or <see cref="VfioIoasClear"/>.</summary>
        public ushort Operation;

        /// <summary>0.</summary>
        public ushort Reserved;
    }

    /// <summary>struct iommu_hwpt_alloc.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct HwptAllocArguments
    {
        /// <summary>Bytes of the struct: 48.</summary>
        public uint Size;

        /// <summary><see cref="HwptDirtyTracking"/> and others.</summary>
        public uint Flags;

        /// <summary>Id of a bound device.</summary>
        public uint DeviceId;

        /// <summary>Id of an IOAS, or of the page table that this one nests in.</summary>
        public uint ParentId;

        /// <summary>On return the id of the page table.</summary>
        public uint HwptId;

        /// <summary>0.</summary>
        public uint Reserved;

        /// <summary><see cref="HwptDataNone"/>, or what the driver's data are.</summary>
        public uint DataType;

        /// <summary>Bytes of the driver's data.</summary>
        public uint DataLength;

        /// <summary>Pointer to the driver's data; patched by the fence.</summary>
        public ulong Data;

        /// <summary>Id of a fault queue, with <see cref="HwptFaultIdValid"/>.</summary>
        public uint FaultId;

        /// <summary>0.</summary>
        public uint Reserved2;
    }

    /// <summary>struct iommu_hw_info.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct HwInfoArguments
    {
        /// <summary>Bytes of the struct: 40.</summary>
        public uint Size;

        /// <summary>0, or <see cref="HwInfoInputType"/>.</summary>
        public uint Flags;

        /// <summary>Id of a bound device.</summary>
        public uint DeviceId;

        /// <summary>Bytes of the buffer; on return those that the kernel has.</summary>
        public uint DataLength;

        /// <summary>Pointer to the buffer; patched by the fence.</summary>
        public ulong Data;

        /// <summary>On return what the data are: <see cref="HwInfoIntelVtd"/> and others.</summary>
        public uint DataType;

        /// <summary>On return log2 of the number of PASIDs; 0 without them.</summary>
        public byte MaxPasidLog2;

        /// <summary>0.</summary>
        public byte Reserved0;

        /// <summary>0.</summary>
        public byte Reserved1;

        /// <summary>0.</summary>
        public byte Reserved2;

        /// <summary>On return <see cref="HwCapDirtyTracking"/> and others.</summary>
        public ulong Capabilities;
    }

    /// <summary>struct iommu_hw_info_vtd: the data of <see cref="HwInfoIntelVtd"/>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct HwInfoVtd
    {
        /// <summary>Errata.</summary>
        public uint Flags;

        /// <summary>0.</summary>
        public uint Reserved;

        /// <summary>Capability register.</summary>
        public ulong Capability;

        /// <summary>Extended capability register.</summary>
        public ulong ExtendedCapability;
    }

    /// <summary>struct iommu_hw_info_amd: the data of <see cref="HwInfoAmd"/>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct HwInfoAmdData
    {
        /// <summary>Extended feature register.</summary>
        public ulong Features;

        /// <summary>Extended feature register 2.</summary>
        public ulong Features2;
    }

    /// <summary>struct iommu_hwpt_set_dirty_tracking.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct SetDirtyTrackingArguments
    {
        /// <summary>Bytes of the struct: 16.</summary>
        public uint Size;

        /// <summary>0 to stop, <see cref="DirtyTrackingEnable"/> to start.</summary>
        public uint Flags;

        /// <summary>Id of the page table.</summary>
        public uint HwptId;

        /// <summary>0.</summary>
        public uint Reserved;
    }

    /// <summary>struct iommu_hwpt_get_dirty_bitmap.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct GetDirtyBitmapArguments
    {
        /// <summary>Bytes of the struct: 48.</summary>
        public uint Size;

        /// <summary>Id of the page table.</summary>
        public uint HwptId;

        /// <summary>0, or <see cref="DirtyBitmapNoClear"/>.</summary>
        public uint Flags;

        /// <summary>0.</summary>
        public uint Reserved;

        /// <summary>First IOVA.</summary>
        public ulong Iova;

        /// <summary>Bytes.</summary>
        public ulong Length;

        /// <summary>Bytes that a bit stands for.</summary>
        public ulong PageSize;

        /// <summary>Pointer to the bitmap; patched by the fence.</summary>
        public ulong Data;
    }

    /// <summary>struct iommu_ioas_change_process.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct IoasChangeProcessArguments
    {
        /// <summary>Bytes of the struct: 8.</summary>
        public uint Size;

        /// <summary>0.</summary>
        public uint Reserved;
    }
}
