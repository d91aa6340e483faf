using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.Results;

namespace Vmm.Iommu.Kernel;

/// <content>Dirty pages of a type1 container, and the process addresses of its mappings.</content>
public static partial class VfioCalls
{
    /// <summary>VFIO_IOMMU_DIRTY_PAGES: starts or stops the log of written pages. Both may be repeated.</summary>
    /// <param name="devices">Which kernel.</param>
    /// <param name="container">The container's descriptor.</param>
    /// <param name="isOn">True to start.</param>
    /// <returns>EACCES on type1 version 1, which has no log.</returns>
    public static SysResult IommuLogDirtyPages(IDevices devices, int container, bool isOn)
    {
        var pages = new VfioUapi.DirtyPages
        {
            ArgumentSize = AbiBytes.SizeOf<VfioUapi.DirtyPages>(),
            Flags = isOn ? VfioUapi.DirtyStart : VfioUapi.DirtyStop,
        };
        return devices.Ioctl(container, VfioUapi.IommuDirtyPages, AbiBytes.Of(ref pages));
    }

    /// <summary>VFIO_IOMMU_DIRTY_PAGES: which pages of a range were written since the last question.</summary>
    /// <param name="devices">Which kernel.</param>
    /// <param name="container">The container's descriptor.</param>
    /// <param name="range">IOVAs; cuts no mapping.</param>
    /// <param name="pageSize">Bytes that a bit stands for: the container's smallest page.</param>
    /// <param name="bitmap">Zeroed; 8 bytes for each 64 pages begun. The first page is bit 0 of byte 0.</param>
    /// <returns>
    /// EINVAL while the log is off or where a mapping would be cut; EOVERFLOW without a call for a range of 2^64 bytes.
    /// KERNEL: bits of pages that are not mapped may be set; they mean nothing.
    /// </returns>
    public static SysResult IommuGetDirtyBitmap(IDevices devices, int container, IovaRange range, ulong pageSize, Span<byte> bitmap)
    {
        if (range.Length > ulong.MaxValue)
        {
            return Errno.EOVERFLOW;
        }

        var headerSize = Unsafe.SizeOf<VfioUapi.DirtyPages>();
        Span<byte> argument = stackalloc byte[headerSize + Unsafe.SizeOf<VfioUapi.DirtyBitmapQuery>()];
        var pages = new VfioUapi.DirtyPages { ArgumentSize = (uint)argument.Length, Flags = VfioUapi.DirtyGetBitmap };
        var query = new VfioUapi.DirtyBitmapQuery
        {
            Iova = range.Start.Value,
            Size = (ulong)range.Length,
            Pages = new VfioUapi.Bitmap { PageSize = pageSize, Size = (ulong)bitmap.Length },
        };
        MemoryMarshal.Write(argument, pages);
        MemoryMarshal.Write(argument[headerSize..], query);
        return devices.Ioctl(container, VfioUapi.IommuDirtyPages, argument, argument.Length - sizeof(ulong), bitmap);
    }

    /// <summary>VFIO_IOMMU_UNMAP_DMA of a range, and which of its pages were written: nothing is written between the two.</summary>
    /// <param name="devices">Which kernel.</param>
    /// <param name="container">The container's descriptor; its log is on.</param>
    /// <param name="range">IOVAs; multiples of the smallest page.</param>
    /// <param name="pageSize">Bytes that a bit stands for: the container's smallest page.</param>
    /// <param name="bitmap">As in <see cref="IommuGetDirtyBitmap"/>.</param>
    /// <param name="unmapped">Bytes that were unmapped; 0 on failure.</param>
    /// <returns>EFAULT where the bitmap cannot be written: then mappings below the failing one are gone.</returns>
    public static SysResult IommuUnmapDmaDirty(
        IDevices devices, int container, IovaRange range, ulong pageSize, Span<byte> bitmap, out ulong unmapped)
    {
        unmapped = 0;
        if (range.Length > ulong.MaxValue)
        {
            return Errno.EOVERFLOW;
        }

        var headerSize = Unsafe.SizeOf<VfioUapi.DmaUnmap>();
        Span<byte> argument = stackalloc byte[headerSize + Unsafe.SizeOf<VfioUapi.Bitmap>()];
        var unmap = new VfioUapi.DmaUnmap
        {
            ArgumentSize = (uint)argument.Length,
            Flags = VfioUapi.UnmapGetDirtyBitmap,
            Iova = range.Start.Value,
            Size = (ulong)range.Length,
        };
        MemoryMarshal.Write(argument, unmap);
        MemoryMarshal.Write(argument[headerSize..], new VfioUapi.Bitmap { PageSize = pageSize, Size = (ulong)bitmap.Length });
        var answer = devices.Ioctl(container, VfioUapi.IommuUnmapDma, argument, argument.Length - sizeof(ulong), bitmap);
        unmapped = answer.IsOk ? MemoryMarshal.Read<VfioUapi.DmaUnmap>(argument).Size : 0;
        return answer;
    }

    /// <summary>
    /// VFIO_IOMMU_UNMAP_DMA of the process addresses alone, of everything: mappings stay, and stay pinned, until each gets its
    /// new address. Where <see cref="VfioUapi.UpdateVaddr"/> is an extension of the container.
    /// </summary>
    /// <param name="devices">Which kernel.</param>
    /// <param name="container">The container's descriptor.</param>
    /// <param name="invalid">Bytes of the mappings that now have no address; 0 on failure.</param>
    /// <returns>EINVAL where a mapping has none already: nothing changed; EBUSY with a mediated device inside.</returns>
    public static SysResult IommuInvalidateAddresses(IDevices devices, int container, out ulong invalid) =>
        Unmap(devices, container, VfioUapi.UnmapVaddr | VfioUapi.UnmapFlagAll, iova: 0, size: 0, out invalid);

    /// <summary>VFIO_IOMMU_MAP_DMA of a new process address for a mapping whose old one was taken.</summary>
    /// <param name="devices">Which kernel.</param>
    /// <param name="container">The container's descriptor.</param>
    /// <param name="range">The whole mapping.</param>
    /// <param name="address">Process address of the same memory.</param>
    /// <returns>ENOENT without such a mapping, EINVAL where it has its address.</returns>
    public static SysResult IommuReplaceAddress(IDevices devices, int container, IovaRange range, HostAddress address) =>
        Map(devices, container, VfioUapi.MapVaddr, range, address);
}
