using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;

namespace Vmm.Testing.Emulation.Vfio;

/// <summary>The interrupts of a PCI device by VFIO's indexes, and the eventfds that user space gave for them.</summary>
internal sealed class DeviceInterrupts(EmulatedDevice device)
{
    private readonly Dictionary<(uint Index, uint Vector), int> _signals = [];

    /// <summary>Vectors of an index; -1 for an index that the device does not have at all.</summary>
    public int VectorsOf(uint index) => index switch
    {
        _ when !device.LooksLikePci => -1,
        VfioUapi.PciIntx or VfioUapi.PciRequest => 1,
        VfioUapi.PciMsi => device.Vectors.Msi,
        VfioUapi.PciMsix => device.Vectors.Msix,
        VfioUapi.PciError => device.IsExpress ? 1 : -1,
        _ => -1,
    };

    public void Set(uint index, uint vector, int descriptor)
    {
        if (descriptor < 0)
        {
            _signals.Remove((index, vector));
        }
        else
        {
            _signals[(index, vector)] = descriptor;
        }
    }

    public void Clear() => _signals.Clear();

    public void Clear(uint index)
    {
        foreach (var key in _signals.Keys.Where(key => key.Index == index).ToList())
        {
            _signals.Remove(key);
        }
    }

    /// <summary>Raises an interrupt; nothing happens where user space did not ask for it.</summary>
    public SysResult Raise(uint index, uint vector)
    {
        if (!_signals.TryGetValue((index, vector), out var descriptor))
        {
            return Errno.ENOENT;
        }

        EventSignal.Raise(descriptor);
        return SysResult.Ok;
    }
}
