namespace Vmm.Iommu.Addressing;

/// <summary>An I/O virtual address: what a device puts on the bus. Bytes, 0 to 2^64-1.</summary>
/// <param name="Value">The address in bytes.</param>
public readonly record struct Iova(ulong Value) : IComparable<Iova>
{
    /// <inheritdoc/>
    public int CompareTo(Iova other) => Value.CompareTo(other.Value);

    /// <summary>The address as <c>0x…</c> without leading zeros.</summary>
    public override string ToString() => $"0x{Value:x}";

    /// <summary>True when <paramref name="left"/> is below <paramref name="right"/>.</summary>
    public static bool operator <(Iova left, Iova right) => left.Value < right.Value;

    /// <summary>True when <paramref name="left"/> is above <paramref name="right"/>.</summary>
    public static bool operator >(Iova left, Iova right) => left.Value > right.Value;

    /// <summary>True when <paramref name="left"/> is at or below <paramref name="right"/>.</summary>
    public static bool operator <=(Iova left, Iova right) => left.Value <= right.Value;

    /// <summary>True when <paramref name="left"/> is at or above <paramref name="right"/>.</summary>
    public static bool operator >=(Iova left, Iova right) => left.Value >= right.Value;
}
