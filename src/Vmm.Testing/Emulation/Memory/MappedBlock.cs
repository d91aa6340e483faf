using Vmm.Iommu.Addressing;
using Vmm.Iommu.Kernel;

namespace Vmm.Testing.Emulation.Memory;

/// <summary>
/// One mapping of this process that the emulated kernel made. Pinned memory outlives its munmap, as it does on Linux: the
/// real munmap waits for the last pin, so that DMA never follows an address that became somebody else's.
/// </summary>
internal sealed class MappedBlock(IMemory memory, HostAddress address, ulong length, ulong backed, bool isWritable, Action? unmapped)
{
    private readonly List<(HostAddress Address, ulong Length)> _deferred = [];
    private ulong _visible = length;
    private int _pins;

    public HostAddress Address { get; } = address;

    /// <summary>Bytes from the start that have memory behind them: up to the end of the file.</summary>
    public ulong Backed { get; } = backed;

    /// <summary>True when this process mapped it for writing.</summary>
    public bool IsWritable { get; } = isWritable;

    public bool IsPinned => _pins > 0;

    public void Pin() => _pins++;

    public void Unpin()
    {
        if (--_pins > 0)
        {
            return;
        }

        foreach (var part in _deferred)
        {
            memory.Unmap(part.Address, part.Length);
        }

        _deferred.Clear();
    }

    /// <summary>The process lets go of a part; the mapping ends for it with the last part.</summary>
    public void Unmap(HostAddress part, ulong bytes)
    {
        if (_pins > 0)
        {
            _deferred.Add((part, bytes));
        }
        else
        {
            memory.Unmap(part, bytes);
        }

        _visible -= bytes;
        if (_visible == 0)
        {
            unmapped?.Invoke();
        }
    }
}
