using Vmm.Iommu.Kernel;

namespace Vmm.Lab.Running;

/// <summary>Where the arguments of an operation stand in its struct.</summary>
/// <param name="Name">The operation.</param>
/// <param name="Code">The request.</param>
/// <param name="Fields">Plain numbers.</param>
/// <param name="PointerAt">Offset of a pointer to a buffer; null for none.</param>
/// <param name="MemoryAt">Offset of a process address; null for none.</param>
/// <param name="FileAt">Offset of a descriptor; null for none.</param>
internal sealed record IommufdShape(
    string Name, IoctlCode Code, IReadOnlyList<IommufdField> Fields, int? PointerAt = null, int? MemoryAt = null, int? FileAt = null);

/// <summary>One number of a struct.</summary>
/// <param name="Name">The operation's argument.</param>
/// <param name="Offset">Offset in bytes.</param>
/// <param name="Width">Bytes: 2, 4 or 8.</param>
internal sealed record IommufdField(string Name, int Offset, int Width = 4)
{
    /// <summary>Writes a value, cut to the width.</summary>
    public void Write(CallBytes bytes, ulong value)
    {
        for (var index = 0; index < Width; index++)
        {
            bytes.Span[Offset + index] = (byte)(value >> (8 * index));
        }
    }
}
