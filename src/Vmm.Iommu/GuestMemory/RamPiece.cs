namespace Vmm.Iommu.GuestMemory;

/// <summary>A part of a block that devices are to reach.</summary>
/// <param name="Block">The block.</param>
/// <param name="Offset">First byte in the block; a multiple of the page size.</param>
/// <param name="Length">Bytes; a multiple of the page size, and inside the block.</param>
/// <param name="IsWritable">True where devices write: its pages are allocated, not just read.</param>
public readonly record struct RamPiece(RamBlock Block, ulong Offset, ulong Length, bool IsWritable)
{
    /// <summary>The block's name, and the first and last byte in it.</summary>
    public override string ToString() => $"{Block.Name} 0x{Offset:x}-0x{Offset + (Length - 1):x}";
}
