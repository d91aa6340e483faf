using System.Buffers.Binary;
using Vmm.Testing.Emulation.Vfio;

namespace Vmm.Testing.Emulation.Iommufd;

/// <summary>One request to an iommufd: the kernel's copy of its struct, with zeros where the caller's is shorter, and what its pointer points to.</summary>
internal readonly ref struct IommufdCommand(IommufdContext context, Span<byte> fields, IoctlArgument argument)
{
    private readonly Span<byte> _fields = fields;
    private readonly IoctlArgument _argument = argument;

    public IommufdContext Context { get; } = context;

    public uint UInt32(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(_fields[offset..]);

    public ulong UInt64(int offset) => BinaryPrimitives.ReadUInt64LittleEndian(_fields[offset..]);

    public ushort UInt16(int offset) => BinaryPrimitives.ReadUInt16LittleEndian(_fields[offset..]);

    public void Put(int offset, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(_fields[offset..], value);

    public void Put(int offset, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(_fields[offset..], value);

    /// <summary>What the pointer at an offset points to; empty, a bad address, for one that was not given as a buffer.</summary>
    public Span<byte> Buffer(int pointerAt) => _argument.PointerAt == pointerAt ? _argument.Buffer : default;

    /// <summary>True for a null pointer.</summary>
    public bool IsNull(int pointerAt) => _argument.PointerAt == pointerAt ? _argument.Buffer.IsEmpty : UInt64(pointerAt) == 0;

    /// <summary>Writes the struct back, as much of it as the caller's has.</summary>
    public void Respond() => Respond(0, _fields.Length);

    /// <summary>Writes a part of the struct back.</summary>
    public void Respond(int offset, int length)
    {
        var end = Math.Min(offset + length, (int)Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(_argument.Bytes), (uint)_fields.Length));
        if (end > offset)
        {
            _fields[offset..end].CopyTo(_argument.Bytes[offset..]);
        }
    }
}
