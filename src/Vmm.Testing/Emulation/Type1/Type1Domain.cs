namespace Vmm.Testing.Emulation.Type1;

/// <summary>One page table of a container, and the groups whose DMA goes through it.</summary>
internal sealed class Type1Domain(IommuUnit unit)
{
    public IommuUnit Unit { get; } = unit;

    public List<EmulatedGroup> Groups { get; } = [];
}
