using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;

namespace Vmm.Testing.Emulation.Vfio;

/// <summary>VFIO_DEVICE_FEATURE. Of the features there is one: a dma-buf of a BAR.</summary>
internal static class DeviceFeatures
{
    private const int Header = 8;
    private const int PartsAt = Header + FixedSize;
    private const int FixedSize = 16;
    private const int PartSize = 16;
    private const uint Operations = VfioUapi.FeatureGet | VfioUapi.FeatureSet;

    public static SysResult Answer(KernelState kernel, EmulatedDevice device, IoctlArgument argument)
    {
        if (argument.Bytes.Length < Header)
        {
            return Errno.EFAULT;
        }

        var (size, flags) = (argument.UInt32(0), argument.UInt32(4));
        if (size < Header
            || (flags & ~(VfioUapi.FeatureMask | Operations | VfioUapi.FeatureProbe)) != 0
            || ((flags & VfioUapi.FeatureProbe) == 0 && (flags & Operations) == Operations))
        {
            return Errno.EINVAL;
        }

        if ((flags & VfioUapi.FeatureMask) != VfioUapi.FeatureDmaBuf || !HasDmaBufs(kernel, device))
        {
            return Errno.ENOTTY;
        }

        return (flags & VfioUapi.FeatureSet) != 0 ? Errno.EINVAL
            : (flags & VfioUapi.FeatureProbe) != 0 ? SysResult.Ok
            : (flags & VfioUapi.FeatureGet) == 0 || size - Header < FixedSize ? Errno.EINVAL
            : GetDmaBuf(kernel, device, argument);
    }

    private static bool HasDmaBufs(KernelState kernel, EmulatedDevice device) =>
        kernel.Options is { ExportsDmaBufs: true, Personality.HasDmaBufs: true } && device.Bus == "pci";

    private static SysResult GetDmaBuf(KernelState kernel, EmulatedDevice device, IoctlArgument argument)
    {
        if (argument.Bytes.Length < PartsAt)
        {
            return Errno.EFAULT;
        }

        var (region, count) = (argument.UInt32(Header), argument.UInt32(Header + 12));
        if (count == 0 || argument.UInt32(Header + 8) != 0)
        {
            return Errno.EINVAL;
        }

        var bar = region < VfioUapi.PciRomRegion && region < device.Bars.Count ? device.Bars[(int)region] : default;
        if (!bar.IsMappable)
        {
            return Errno.ENODEV;
        }

        if ((ulong)(argument.Bytes.Length - PartsAt) / PartSize < count)
        {
            return Errno.EFAULT;
        }

        var parts = new DmaBufPart[count];
        for (var index = 0; index < parts.Length; index++)
        {
            var at = PartsAt + (index * PartSize);
            parts[index] = new DmaBufPart(argument.UInt64(at), argument.UInt64(at + 8));
        }

        return parts.All(part => IsInside(part, bar)) ? device.Vfio.Export(kernel, (int)region, bar.Length, parts) : Errno.EINVAL;
    }

    private static bool IsInside(DmaBufPart part, PciBar bar) =>
        part.Length > 0 && ((part.Offset | part.Length) & 0xfff) == 0 && part.Length <= bar.Length && part.Offset <= bar.Length - part.Length;
}
