namespace Vmm.Iommu.Addressing;

/// <summary>A virtual address of this process. Identifies memory; only the fence and guest memory look behind it.</summary>
/// <param name="Value">The address in bytes.</param>
public readonly record struct HostAddress(ulong Value)
{
    /// <summary>The address <paramref name="offset"/> bytes further on.</summary>
    /// <exception cref="OverflowException">The sum is past 2^64-1.</exception>
    public HostAddress Plus(ulong offset) => new(checked(Value + offset));

    /// <summary>The address as <c>0x…</c> without leading zeros.</summary>
    public override string ToString() => $"0x{Value:x}";
}
