namespace Vmm.Testing.Captures;

/// <summary>A byte of the VMM's memory.</summary>
/// <param name="Block">The block: the first memory region's name, numbered where several have it.</param>
/// <param name="Offset">Offset in the block, in bytes.</param>
public sealed record HostPlace(string Block, ulong Offset)
{
    /// <summary>Block and offset.</summary>
    public override string ToString() => $"{Block}+0x{Offset:x}";
}
