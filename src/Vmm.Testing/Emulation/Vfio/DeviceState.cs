using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;

namespace Vmm.Testing.Emulation.Vfio;

/// <summary>What user space holds of a device: open files, the memory that stands for its BARs, its interrupts.</summary>
internal sealed class DeviceState(EmulatedDevice device)
{
    private readonly Dictionary<int, int> _barFiles = [];
    private LinuxKernel? _linux;
    private GroupFile? _group;

    /// <summary>Open files, each held by its descriptor and by BARs mapped through it.</summary>
    public int OpenCount { get; private set; }

    /// <summary>BAR mappings that the process sees.</summary>
    public int MappedBars { get; set; }

    public DeviceInterrupts Interrupts { get; } = new(device);

    public void Open(GroupFile group)
    {
        // KERNEL: the first open of a device holds the group's file, later ones do not.
        if (OpenCount++ == 0)
        {
            _group = group;
            group.Reference();
            group.Group.OpenDevices++;
        }
    }

    public void Close()
    {
        if (--OpenCount > 0)
        {
            return;
        }

        Interrupts.Clear();
        foreach (var file in _barFiles.Values)
        {
            _linux!.CloseMemfd(file);
        }

        _barFiles.Clear();
        var group = _group!;
        _group = null;
        group.Group.OpenDevices--;
        group.Unreference();
        var leave = device.Leaving;
        device.Leaving = null;
        leave?.Invoke();
    }

    /// <summary>Asks user space to let go of the device.</summary>
    public void RequestRelease() => Interrupts.Raise(VfioUapi.PciRequest, 0);

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
