namespace Vmm.Testing.Emulation;

/// <summary>One resource of a PCI device: a line of its <c>resource</c> file.</summary>
/// <param name="Start">First bus address; 0 when the resource is absent.</param>
/// <param name="Last">Last bus address, inclusive.</param>
/// <param name="Flags">The kernel's resource flags: 0x200 memory, 0x100 ports.</param>
public readonly record struct PciBar(ulong Start, ulong Last, ulong Flags)
{
    private const ulong MemoryFlag = 0x200;

    /// <summary>Bytes; 0 when the resource is absent.</summary>
    public ulong Length => Flags == 0 ? 0 : Last - Start + 1;

    /// <summary>True for memory, false for ports.</summary>
    public bool IsMemory => (Flags & MemoryFlag) != 0;

    /// <summary>
    /// True when user space may map it: memory that begins on a page. A BAR smaller than a page is mappable too, because
    /// the kernel keeps the rest of its page free.
    /// </summary>
    public bool IsMappable => Length != 0 && IsMemory && (Start & 0xfff) == 0;

    /// <summary>A memory BAR.</summary>
    public static PciBar Memory(ulong start, ulong length) => new(start, start + length - 1, 0x40200);

    /// <summary>The line of the <c>resource</c> file, without newline.</summary>
    public override string ToString() => $"0x{Start:x16} 0x{Last:x16} 0x{Flags:x16}";
}
