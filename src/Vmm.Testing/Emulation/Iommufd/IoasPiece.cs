namespace Vmm.Testing.Emulation.Iommufd;

/// <summary>A run of bytes of some pages, to be mapped.</summary>
/// <param name="Pages">The pages.</param>
/// <param name="StartByte">Its first byte, from the first page's start.</param>
/// <param name="Length">Bytes.</param>
internal readonly record struct IoasPiece(IoasPages Pages, ulong StartByte, ulong Length)
{
    /// <summary>Process address or file offset of its first byte.</summary>
    public ulong Address => Pages.Source.Base + StartByte;
}
