using System.Buffers.Binary;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;

namespace Vmm.Lab.Running;

/// <summary>
/// The bytes of one call's struct, in room that is always larger than the kernel can touch. What no field covers has a
/// pattern, so that a write beside a field shows.
/// </summary>
internal sealed class CallBytes
{
    /// <summary>What stands in bytes that no field covers.</summary>
    public const byte Pattern = 0xa5;

    private readonly byte[] _bytes;

    public CallBytes(int room, byte pattern = Pattern)
    {
        _bytes = new byte[room];
        _bytes.AsSpan().Fill(pattern);
    }

    public Span<byte> Span => _bytes;

    public CallBytes Put(int offset, uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_bytes.AsSpan(offset), value);
        return this;
    }

    public CallBytes Put(int offset, ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(_bytes.AsSpan(offset), value);
        return this;
    }

    public uint UInt32(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(_bytes.AsSpan(offset));

    public ulong UInt64(int offset) => BinaryPrimitives.ReadUInt64LittleEndian(_bytes.AsSpan(offset));

    /// <summary>Makes the call, with the bytes or with a bad address in their place.</summary>
    /// <param name="devices">Which kernel.</param>
    /// <param name="descriptor">On what.</param>
    /// <param name="code">Which request.</param>
    /// <param name="badAddress">0 for the bytes; otherwise an address where nothing is.</param>
    public SysResult Call(IDevices devices, int descriptor, IoctlCode code, ulong badAddress) =>
        badAddress == 0 ? devices.Ioctl(descriptor, code, _bytes) : devices.Ioctl(descriptor, code, badAddress);

    /// <summary>The outcome with the bytes as they are now, but for 64-bit fields that hold an address.</summary>
    public Outcome Outcome(SysResult result, params ReadOnlySpan<int> addressesAt)
    {
        foreach (var offset in addressesAt)
        {
            Put(offset, 0UL);
        }

        return new Outcome(result.Errno, result.Value, _bytes);
    }
}
