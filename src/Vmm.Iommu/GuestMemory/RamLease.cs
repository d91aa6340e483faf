namespace Vmm.Iommu.GuestMemory;

/// <summary>The right to have devices reach a block's memory. Ends after the unmap has succeeded, never before.</summary>
public readonly record struct RamLease
{
    internal RamLease(RamBlock block) => Block = block;

    /// <summary>The block; null in a default value, which is no lease.</summary>
    public RamBlock? Block { get; }

    /// <summary>Gives the lease back. Once only.</summary>
    /// <exception cref="InvalidOperationException">More leases ended than were taken.</exception>
    public void End() => Block?.EndLease();
}
