using System.Buffers.Binary;

namespace Vmm.Testing.Emulation.Vfio;

/// <summary>The third argument of an ioctl as the caller meant it: a number, or a struct and perhaps what its pointer points to.</summary>
internal readonly ref struct IoctlArgument
{
    private IoctlArgument(ulong value, Span<byte> bytes, int pointerAt, Span<byte> buffer)
    {
        Value = value;
        Bytes = bytes;
        PointerAt = pointerAt;
        Buffer = buffer;
    }

    /// <summary>The number; for a struct, an address that no request takes for one of its numbers.</summary>
    public ulong Value { get; }

    /// <summary>The struct; empty for a number, which is a bad address.</summary>
    public Span<byte> Bytes { get; }

    /// <summary>Offset of the pointer that <see cref="Buffer"/> stands for; -1 without one.</summary>
    public int PointerAt { get; }

    /// <summary>What the pointer points to; empty for a null pointer.</summary>
    public Span<byte> Buffer { get; }

    public static IoctlArgument Of(ulong value) => new(value, default, -1, default);

    public static IoctlArgument Of(Span<byte> bytes) => new(ulong.MaxValue, bytes, -1, default);

    public static IoctlArgument Of(Span<byte> bytes, int pointerAt, Span<byte> buffer) =>
        new(ulong.MaxValue, bytes, pointerAt, buffer);

    public uint UInt32(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(Bytes[offset..]);

    public ulong UInt64(int offset) => BinaryPrimitives.ReadUInt64LittleEndian(Bytes[offset..]);

    public void Put(int offset, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Bytes[offset..], value);

    public void Put(int offset, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Bytes[offset..], value);
}
