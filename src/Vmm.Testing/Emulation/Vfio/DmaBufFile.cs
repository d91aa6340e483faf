namespace Vmm.Testing.Emulation.Vfio;

/// <summary>A dma-buf of a BAR: what stands behind the descriptor, and behind what was mapped of it.</summary>
internal sealed class DmaBufFile(EmulatedDevice device, int barFile, IReadOnlyList<DmaBufPart> parts) : OpenFile
{
    public override string Path => "dmabuf";

    public EmulatedDevice Device => device;

    /// <summary>The file that stands for the BAR's memory, as long as the device is open.</summary>
    public int BarFile => barFile;

    public IReadOnlyList<DmaBufPart> Parts => parts;

    /// <summary>Bytes of all its parts.</summary>
    public ulong Length => parts.Aggregate(0UL, (sum, part) => sum + part.Length);

    /// <summary>True after the device was closed: nobody reaches its memory this way any more.</summary>
    public bool IsRevoked { get; set; }

    protected override void Close()
    {
    }
}
