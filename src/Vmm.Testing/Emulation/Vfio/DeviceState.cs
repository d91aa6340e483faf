using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;
using Vmm.Testing.Emulation.Iommufd;

namespace Vmm.Testing.Emulation.Vfio;

/// <summary>What user space holds of a device: open files, the memory that stands for its BARs, its interrupts.</summary>
internal sealed class DeviceState(EmulatedDevice device)
{
    private readonly Dictionary<int, int> _barFiles = [];
    private LinuxKernel? _linux;
    private readonly List<DmaBufFile> _exported = [];
    private Action? _closed;

    /// <summary>Open files, each held by its descriptor and by BARs mapped through it.</summary>
    public int OpenCount { get; private set; }

    /// <summary>Open files of its own node, bound to an iommufd or not.</summary>
    public int Cdevs { get; set; }

    /// <summary>The iommufd that it is bound to, or null.</summary>
    public IommufdContext? Iommufd { get; private set; }

    /// <summary>What stands for it there, or null.</summary>
    public IommufdObject? Bound { get; private set; }

    /// <summary>True while a descriptor or a mapped BAR keeps its driver from leaving.</summary>
    public bool IsHeld => OpenCount > 0 || Cdevs > 0;

    /// <summary>BAR mappings that the process sees.</summary>
    public int MappedBars { get; set; }

    public DeviceInterrupts Interrupts { get; } = new(device);

    /// <summary>Opens the device by way of its group.</summary>
    public void Open(GroupFile group)
    {
        // KERNEL: the first open of a device holds the group's file, later ones do not.
        if (OpenCount == 0)
        {
            group.Hold();
            group.Group.OpenDevices++;
        }

        Open(() =>
        {
            group.Group.OpenDevices--;
            group.LetGo();
        });
    }

    /// <summary>Opens the device.</summary>
    /// <param name="closed">What the last close does, where this is the first open.</param>
    public void Open(Action closed)
    {
        if (OpenCount++ == 0)
        {
            _closed = closed;
        }
    }

    /// <summary>Says who bound it, before it is opened; the last close undoes it.</summary>
    public void Bind(IommufdContext context, IommufdObject bound) => (Iommufd, Bound) = (context, bound);

    public void Close()
    {
        if (--OpenCount > 0)
        {
            return;
        }

        Interrupts.Clear();
        _exported.ForEach(buffer => buffer.IsRevoked = true);
        _exported.Clear();
        foreach (var file in _barFiles.Values)
        {
            _linux!.CloseMemfd(file);
        }

        _barFiles.Clear();
        if (Bound is { } bound)
        {
            Iommufd!.Unbind(bound);
            (Iommufd, Bound) = (null, null);
        }

        _closed!();
        LeaveIfUnused();
    }

    /// <summary>An unbind of the driver or a removal that waited for the last descriptor goes on.</summary>
    public void LeaveIfUnused()
    {
        if (IsHeld)
        {
            return;
        }

        var leave = device.Leaving;
        device.Leaving = null;
        leave?.Invoke();
    }

    /// <summary>Asks user space to let go of the device.</summary>
    public void RequestRelease() => Interrupts.Raise(VfioUapi.PciRequest, 0);

    /// <summary>A dma-buf of parts of a BAR; it is revoked when the device is closed.</summary>
    public SysResult Export(KernelState kernel, int index, ulong length, IReadOnlyList<DmaBufPart> parts)
    {
        var file = BarFile(kernel.Linux, index, length);
        if (!file.IsOk)
        {
            return file;
        }

        var buffer = new DmaBufFile(device, file.Descriptor, parts);
        var opened = kernel.Files.Open(buffer);
        if (opened.IsOk)
        {
            _exported.Add(buffer);
        }

        return opened;
    }

    /// <summary>The file that stands for a BAR's memory, made at the first mapping.</summary>
    public SysResult BarFile(LinuxKernel linux, int index, ulong length)
    {
        if (_barFiles.TryGetValue(index, out var file))
        {
            return SysResult.Of(file);
        }

        _linux = linux;
        var made = linux.CreateMemfd($"{device.Name} BAR {index}", (length + 0xfff) & ~0xfffUL);
        if (made.IsOk)
        {
            _barFiles[index] = made.Descriptor;
        }

        return made;
    }
}
