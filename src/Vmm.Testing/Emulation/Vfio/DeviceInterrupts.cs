using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;

namespace Vmm.Testing.Emulation.Vfio;

/// <summary>The interrupts of a PCI device by VFIO's indexes, and the eventfds that user space gave for them.</summary>
internal sealed class DeviceInterrupts(EmulatedDevice device)
{
    private readonly Dictionary<(uint Index, uint Vector), (EventFile? File, int Descriptor)> _signals = [];
    private (EventFile File, int Descriptor)? _unmask;
    private bool _isMasked;
    private bool _isPending;

    /// <summary>INTx, MSI or MSI-X while one of them is on; the device has one of them at a time.</summary>
    public uint? Mode { get; private set; }

    /// <summary>Vectors that were asked for when the mode was turned on.</summary>
    public uint Allocated { get; private set; }

    /// <summary>True while an eventfd unmasks INTx; closing that eventfd ends it.</summary>
    public bool HasUnmask => _unmask is { File.IsClosed: false };

    /// <summary>True for a mediated device, whose own driver answers for its interrupts.</summary>
    public bool IsMediated => device.IsMediated;

    /// <summary>True when MSI and MSI-X cannot be turned on.</summary>
    public bool AreUnserved => device.Vectors.IsUnserved;

    /// <summary>Vectors of an index; 0 for what the device does not have; -1 for an index that cannot even be asked about.</summary>
    public int VectorsOf(uint index) => index switch
    {
        _ when !device.LooksLikePci => -1,

        // KERNEL: the sample drivers of mediated devices know INTx and one MSI.
        _ when device.IsMediated => index is VfioUapi.PciIntx or VfioUapi.PciMsi ? 1 : -1,
        VfioUapi.PciIntx or VfioUapi.PciRequest => 1,
        VfioUapi.PciMsi => device.Vectors.Msi,
        VfioUapi.PciMsix => device.Vectors.Msix,
        VfioUapi.PciError => device.IsExpress ? 1 : -1,
        _ => -1,
    };

    /// <summary>Turns INTx, MSI or MSI-X on.</summary>
    public void Enable(uint index, uint vectors) => (Mode, Allocated) = (index, vectors);

    /// <summary>Turns what is on off, and forgets its eventfds.</summary>
    public void Disable()
    {
        if (Mode is { } index)
        {
            Clear(index);
        }

        Forget();
    }

    /// <summary>Lets an eventfd unmask INTx; null for none.</summary>
    public void UnmaskBy(EventFile? file, int descriptor) => _unmask = file is null ? null : (file, descriptor);

    /// <summary>INTx is silent from now on.</summary>
    public void Mask() => _isMasked = true;

    /// <summary>INTx is heard again; what came meanwhile is signalled now.</summary>
    public void Unmask()
    {
        _isMasked = false;
        if (_isPending)
        {
            _isPending = false;
            RaiseLine();
        }
    }

    /// <summary>True when somebody is to be told of the vector.</summary>
    public bool IsSet(uint index, uint vector) => _signals.ContainsKey((index, vector));

    public void Set(uint index, uint vector, EventFile? file, int descriptor)
    {
        if (descriptor < 0)
        {
            _signals.Remove((index, vector));
        }
        else
        {
            _signals[(index, vector)] = (file, descriptor);
        }
    }

    public void Clear()
    {
        _signals.Clear();
        Forget();
    }

    public void Clear(uint index)
    {
        foreach (var key in _signals.Keys.Where(key => key.Index == index).ToList())
        {
            _signals.Remove(key);
        }
    }

    /// <summary>The device raises an interrupt. KERNEL: INTx masks itself as it is signalled, and is silent until somebody unmasks it.</summary>
    /// <returns>ENOENT when nobody asked for it.</returns>
    public SysResult RaiseByDevice(uint index, uint vector)
    {
        if (index != VfioUapi.PciIntx || !IsSet(index, vector))
        {
            return Raise(index, vector);
        }

        // The eventfd is looked at when it matters: nothing here runs when user space signals it.
        if (_isMasked && HasUnmask && EventSignal.TryTake(_unmask!.Value.Descriptor))
        {
            Unmask();
        }

        RaiseLine();
        return SysResult.Ok;
    }

    /// <summary>Raises an interrupt; nothing happens where user space did not ask for it.</summary>
    public SysResult Raise(uint index, uint vector)
    {
        if (!_signals.TryGetValue((index, vector), out var signal))
        {
            return Errno.ENOENT;
        }

        if (signal.File is not { IsClosed: true })
        {
            EventSignal.Raise(signal.Descriptor);
        }

        return SysResult.Ok;
    }

    private void RaiseLine()
    {
        if (_isMasked)
        {
            _isPending = true;
            return;
        }

        _isMasked = true;
        Raise(VfioUapi.PciIntx, 0);
    }

    private void Forget()
    {
        (Mode, Allocated, _unmask) = (null, 0, null);
        (_isMasked, _isPending) = (false, false);
    }
}
