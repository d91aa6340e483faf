namespace Vmm.Lab.Running;

/// <summary>A BAR that one side has in its address space.</summary>
/// <param name="Address">Where.</param>
/// <param name="Length">Bytes.</param>
internal readonly record struct BarMapping(ulong Address, ulong Length)
{
    /// <summary>Bytes of the pages that it covers.</summary>
    public ulong Pages => (Length + 0xfff) & ~0xfffUL;
}
