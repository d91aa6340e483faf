using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;

namespace Vmm.Testing.Emulation.Vfio;

/// <summary>An open device. BARs mapped through it hold it, so it outlives its descriptor.</summary>
internal sealed class DeviceFile(KernelState kernel, EmulatedDevice device, bool isGroupPath = true, Action? released = null) : OpenFile
{
    /// <summary>KERNEL: a region's index stands in the upper bits of an offset in the descriptor.</summary>
    private const int OffsetShift = 40;

    private uint BusFlag => device.Bus switch
    {
        "platform" => VfioUapi.DevicePlatform,
        "amba" => VfioUapi.DeviceAmba,
        "ccw" => VfioUapi.DeviceCcw,
        "ap" => VfioUapi.DeviceAp,
        "fsl-mc" => VfioUapi.DeviceFslMc,
        "cdx" => VfioUapi.DeviceCdx,
        _ => VfioUapi.DevicePci,
    };

    // What devices of other buses have by way of registers and interrupts is not modelled: they have DMA.
    private uint RegionCount => device.LooksLikePci ? VfioUapi.PciRegions : 0;

    public override string Path => device.Name;

    public EmulatedDevice Device => device;

    protected override void Close()
    {
        device.Vfio.Close();
        released?.Invoke();
    }

    public override SysResult Ioctl(uint request, IoctlArgument argument) => request switch
    {
        _ when request == VfioUapi.DeviceGetInfo.Number => GetInfo(argument),
        _ when request == VfioUapi.DeviceGetRegionInfo.Number => GetRegion(argument),
        _ when request == VfioUapi.DeviceGetIrqInfo.Number => GetIrq(argument),
        _ when request == VfioUapi.DeviceSetIrqs.Number => InterruptRequests.Set(kernel.Files, device.Vfio.Interrupts, argument),
        _ when request == VfioUapi.DeviceResetRequest.Number => Reset(),
        _ when request == VfioUapi.DeviceGetPciHotResetInfo.Number && device.Bus == "pci" => new HotResets(kernel, device, isGroupPath).Info(argument),
        _ when request == VfioUapi.DevicePciHotReset.Number && device.Bus == "pci" => new HotResets(kernel, device, isGroupPath).Reset(argument),
        _ when request == VfioUapi.DeviceFeature.Number && kernel.Options.Personality.HasDeviceFeatures => DeviceFeatures.Answer(kernel, device, argument),
        _ when isGroupPath && request == VfioUapi.DeviceBindIommufd.Number && kernel.Options.Personality.HasDeviceNodes => RefuseBind(argument),
        _ => Errno.ENOTTY,
    };

    /// <summary>mmap(2) of a part of a region.</summary>
    public SysResult Map(LinuxKernel linux, ulong length, MappingProtection protection, MappingSharing sharing, ulong offset)
    {
        var index = offset >> OffsetShift;
        var inside = offset & ((1UL << OffsetShift) - 1);
        if (sharing != MappingSharing.Shared || index >= VfioUapi.PciRomRegion || (int)index >= device.Bars.Count)
        {
            return Errno.EINVAL;
        }

        var bar = device.Bars[(int)index];
        var pages = (bar.Length + 0xfff) & ~0xfffUL;
        var bytes = (length + 0xfff) & ~0xfffUL;
        if (!bar.IsMappable || length == 0 || (inside & 0xfff) != 0 || bytes > pages || inside > pages - bytes)
        {
            return Errno.EINVAL;
        }

        var file = device.Vfio.BarFile(linux, (int)index, bar.Length);
        if (!file.IsOk)
        {
            return file;
        }

        var mapped = kernel.Memory.MapBar(file.Descriptor, length, protection, inside, Unmapped);
        if (mapped.IsOk)
        {
            Hold();
            device.Vfio.MappedBars++;
        }

        return mapped;
    }

    private SysResult Reset()
    {
        if (!device.CanReset && !device.IsMediated)
        {
            return Errno.EINVAL;
        }

        device.Resets++;
        return SysResult.Ok;
    }

    private void Unmapped()
    {
        device.Vfio.MappedBars--;
        LetGo();
    }

    /// <summary>KERNEL: only a device's own node can be bound; the arguments are tested all the same.</summary>
    private static Errno RefuseBind(IoctlArgument argument) =>
        CdevFile.CheckBind(argument) is { IsNone: false } refused ? refused : Errno.EINVAL;

    private SysResult GetInfo(IoctlArgument argument)
    {
        const int Minimum = 16;
        const int Size = 24;
        if (argument.Bytes.Length < Minimum)
        {
            return Errno.EFAULT;
        }

        var claimed = argument.UInt32(0);
        if (claimed < Minimum)
        {
            return Errno.EINVAL;
        }

        argument.Put(4, BusFlag | (device.CanReset && !device.IsMediated ? VfioUapi.DeviceReset : 0));
        argument.Put(8, RegionCount);
        argument.Put(12, device.LooksLikePci ? VfioUapi.PciIrqs : 0);

        // KERNEL: vfio-pci writes as much as was asked for; the sample drivers of mediated devices write the first 16 bytes.
        if (!device.IsMediated)
        {
            argument.Bytes[Minimum..(int)Math.Clamp(claimed, Minimum, Size)].Clear();
        }

        return SysResult.Ok;
    }

    private SysResult GetRegion(IoctlArgument argument)
    {
        const int Size = 32;
        if (argument.Bytes.Length < Size)
        {
            return Errno.EFAULT;
        }

        var index = argument.UInt32(8);
        if (argument.UInt32(0) < Size || index >= RegionCount || (index == VfioUapi.PciVgaRegion && !device.IsMediated))
        {
            return Errno.EINVAL;
        }

        // KERNEL: the offset of capabilities is written only where there are some.
        var (length, flags) = Region(index);
        var isTable = (flags & VfioUapi.RegionMmap) != 0 && device.Vectors.MsixBar == (int)index;
        argument.Put(4, isTable ? flags | VfioUapi.RegionCaps : flags);
        argument.Put(16, length);
        argument.Put(24, (ulong)index << OffsetShift);
        return isTable ? AddTableCapability(argument, Size) : SysResult.Ok;
    }

    /// <summary>The capability that says that the BAR may be mapped whole, though the table of MSI-X is in it; a short buffer is told its length.</summary>
    private static SysResult AddTableCapability(IoctlArgument argument, uint at)
    {
        const uint Header = 8;
        const uint MsixMappable = 3;
        const uint Version = 1;
        if (argument.UInt32(0) < at + Header)
        {
            argument.Put(0, at + Header);
            argument.Put(12, 0u);
            return SysResult.Ok;
        }

        if (argument.Bytes.Length < at + Header)
        {
            return Errno.EFAULT;
        }

        argument.Put(12, at);
        argument.Put((int)at, MsixMappable | (Version << 16));
        argument.Put((int)at + 4, 0u);
        return SysResult.Ok;
    }

    private (ulong Length, uint Flags) Region(uint index)
    {
        const uint ReadWrite = VfioUapi.RegionRead | VfioUapi.RegionWrite;
        if (device.IsMediated)
        {
            return (MediatedRegion(index), ReadWrite);
        }

        if (index == VfioUapi.PciConfigRegion)
        {
            return (device.IsExpress ? 4096u : 256u, ReadWrite);
        }

        var bar = index < device.Bars.Count ? device.Bars[(int)index] : default;
        return bar.Length == 0 ? (0, 0)
            : index == VfioUapi.PciRomRegion ? (bar.Length, VfioUapi.RegionRead)
            : (bar.Length, ReadWrite | (bar.IsMappable ? VfioUapi.RegionMmap : 0));
    }

    // KERNEL: mtty, the sample: eight registers of a serial port, and its configuration space but for one byte.
    private static ulong MediatedRegion(uint index) => index switch
    {
        0 => 8,
        VfioUapi.PciConfigRegion => 0xff,
        _ => 0,
    };

    private SysResult GetIrq(IoctlArgument argument)
    {
        const int Size = 16;
        if (argument.Bytes.Length < Size)
        {
            return Errno.EFAULT;
        }

        var index = argument.UInt32(8);
        var vectors = device.Vfio.Interrupts.VectorsOf(index);
        if (argument.UInt32(0) < Size || vectors < 0)
        {
            return Errno.EINVAL;
        }

        var kind = index switch
        {
            VfioUapi.PciIntx => VfioUapi.IrqMaskable | VfioUapi.IrqAutomasked,
            VfioUapi.PciMsix when vectors > 0 && !device.IsMediated && kernel.Options.Personality.GrowsMsix => 0u,
            _ => VfioUapi.IrqNoResize,
        };
        argument.Put(4, VfioUapi.IrqEventfd | kind);
        argument.Put(12, (uint)vectors);
        return SysResult.Ok;
    }
}
