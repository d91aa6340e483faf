namespace Vmm.Iommu.Kernel;

/// <summary>One link of a capability chain.</summary>
/// <param name="Id">Which capability; what it means depends on the call.</param>
/// <param name="Version">Version of its layout.</param>
/// <param name="Offset">Offset of its header from the start of the buffer, in bytes.</param>
/// <param name="Length">Bytes from its header to the next link, or to the end of the buffer.</param>
public readonly record struct Capability(ushort Id, ushort Version, int Offset, int Length)
{
    /// <summary>The capability's own bytes, its header of 8 bytes included.</summary>
    /// <param name="buffer">The buffer that was walked.</param>
    public ReadOnlySpan<byte> In(ReadOnlySpan<byte> buffer) => buffer.Slice(Offset, Length);
}
