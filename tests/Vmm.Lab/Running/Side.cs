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

    /// <summary>More ids than a history can make.</summary>
    private const uint Ids = 64;

    private const ulong Nowhere = 0x1000;
    private const ulong PageMask = 0xfff;

    private readonly Dictionary<Handle, int> _open = [];
    private readonly HashSet<Handle> _holding = [];
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

        if (_holding.Remove(handle))
        {
            UnmapAll(descriptor);
        }

        return Outcome.Of(handle.Kind == HandleKind.File ? kernel.Memory.CloseMemfd(descriptor) : kernel.Devices.Close(descriptor));
    }

    /// <summary>An iommufd has mapped files that are no memory: they are unmapped before it is closed.</summary>
    /// <remarks>
    /// KERNEL: a mapping holds its file, and a bound device holds the iommufd. A device that is mapped into the iommufd to which it is
    /// bound would stay open until the machine is switched off, and no later history could bind it.
    /// </remarks>
    public void HoldsFiles(Handle iommu) => _holding.Add(iommu);

    /// <summary>The address that a memory argument and an offset mean on this side.</summary>
    /// <param name="memory">A block of the arena, or a mapped BAR.</param>
    /// <param name="offset">Bytes into it.</param>
    /// <param name="size">Bytes from there on.</param>
    public ulong Address(ulong memory, ulong offset, ulong size)
    {
        if (memory >= FirstBar)
        {
            // Behind a BAR lies whatever the runtime maps there: a range that is not inside, or a BAR that is not mapped, is an address where nothing is.
            return _bars.TryGetValue((int)memory - FirstBar, out var bar) && offset <= bar.Pages && size <= bar.Pages - offset
                ? bar.Address + offset
                : Nowhere + (offset & PageMask);
        }

        // Before a block lies what the process mapped after it.
        var block = arena.Blocks[(int)(memory % (ulong)arena.Blocks.Count)];
        return block.Length > 0 && offset > long.MaxValue ? Nowhere + (offset & PageMask) : block.Address + offset;
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

    private void UnmapAll(int iommu)
    {
        for (var id = 1u; id <= Ids; id++)
        {
            IommufdCalls.IoasUnmapAll(kernel.Devices, iommu, id, out _);
        }
    }

    private static int ReleaseOrder(Handle handle) => handle.Kind switch
    {
        HandleKind.Device => 0,
        HandleKind.Group => 1,
        _ => 2,
    };
}
