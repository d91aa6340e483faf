using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Vmm.Iommu.Kernel;

/// <summary>The bytes of the kernel's structs.</summary>
internal static class AbiBytes
{
    /// <summary>Bytes of a struct, as its size field says.</summary>
    public static uint SizeOf<T>()
        where T : unmanaged => (uint)Unsafe.SizeOf<T>();

    /// <summary>A struct as the bytes that a call reads and writes in place.</summary>
    public static Span<byte> Of<T>(ref T value)
        where T : unmanaged => MemoryMarshal.AsBytes(new Span<T>(ref value));
}
