using Vmm.Iommu.Addressing;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;
using Vmm.Lab.Histories;

namespace Vmm.Lab.Running;

/// <summary>One kernel and what a history holds on it: descriptors by slot, BARs by slot.</summary>
/// <param name="kernel">The kernel.</param>
/// <param name="arena">The memory that both sides share.</param>
/// <param name="shape">What the machine has.</param>
/// <param name="limits">What a history can turn besides.</param>
internal sealed class Side(HostKernel kernel, Arena arena, MachineShape shape, ISideLimits limits)
{
    /// <summary>First number of a memory argument that means a mapped BAR.</summary>
    public const int FirstBar = 0x10;

    private readonly Dictionary<Handle, int> _open = [];
    private readonly Dictionary<int, BarMapping> _bars = [];

    public HostKernel Kernel => kernel;

    public IDevices Devices => kernel.Devices;

    public MachineShape Shape => shape;

    public ISideLimits Limits => limits;

    /// <summary>The descriptor in a slot; -1 where there is none.</summary>
    public int Descriptor(Handle handle) => _open.GetValueOrDefault(handle, -1);

    public bool IsOpen(Handle handle) => _open.ContainsKey(handle);

    /// <summary>Keeps a descriptor that was given out.</summary>
    public Outcome Keep(Handle handle, SysResult opened)
    {
        if (opened.IsOk)
        {
            _open[handle] = opened.Descriptor;
        }

        return Outcome.WithoutValue(opened);
    }

    /// <summary>Closes what is in a slot.</summary>
    public Outcome Close(Handle handle)
    {
        if (!_open.Remove(handle, out var descriptor))
        {
            return Outcome.Skipped;
        }

        return Outcome.Of(handle.Kind == HandleKind.File ? kernel.Memory.CloseMemfd(descriptor) : kernel.Devices.Close(descriptor));
    }

    /// <summary>The address that a memory argument and an offset mean on this side.</summary>
    public ulong Address(ulong memory, ulong offset)
    {
        if (memory >= FirstBar)
        {
            // A BAR that is not mapped is an address where nothing is.
            return _bars.GetValueOrDefault((int)memory - FirstBar, new BarMapping(0x1000, 0)).Address + offset;
        }

        return arena.Blocks[(int)(memory % (ulong)arena.Blocks.Count)].Address + offset;
    }

    /// <summary>Maps a part of a region.</summary>
    public Outcome MapBar(int slot, int device, ulong length, MappingProtection protection, MappingSharing sharing, ulong offset)
    {
        if (_bars.ContainsKey(slot))
        {
            return Outcome.Skipped;
        }

        var mapped = kernel.Memory.Map(length, protection, sharing, device, offset);
        if (mapped.IsOk)
        {
            _bars[slot] = new BarMapping((ulong)mapped.Value, length);
        }

        return Outcome.WithoutValue(mapped);
    }

    /// <summary>Unmaps a BAR, or answers that there is none.</summary>
    public Outcome UnmapBar(int slot) => _bars.Remove(slot, out var bar)
        ? Outcome.Of(kernel.Memory.Unmap(new HostAddress(bar.Address), bar.Length))
        : Outcome.Skipped;

    /// <summary>Lets go of everything, devices first.</summary>
    public void Release()
    {
        foreach (var slot in _bars.Keys.ToList())
        {
            UnmapBar(slot);
        }

        foreach (var handle in _open.Keys.OrderBy(ReleaseOrder).ToList())
        {
            Close(handle);
        }

        limits.Restore();
    }

    private static int ReleaseOrder(Handle handle) => handle.Kind switch
    {
        HandleKind.Device => 0,
        HandleKind.Group => 1,
        _ => 2,
    };
}
