using Vmm.Iommu.GuestMemory;
using Vmm.Testing.Scenarios.Machines;

namespace Vmm.Testing.Scenarios.Running;

/// <summary>The memory of a scenario: a block a name, as long as the furthest byte that any view shows of it.</summary>
internal sealed class ScenarioMemory
{
    private readonly Dictionary<string, RamBlock> _blocks = new(StringComparer.Ordinal);

    internal ScenarioMemory(IScenarioMachine machine, IEnumerable<SectionScript> everything)
    {
        foreach (var sections in everything.Where(section => section.HasMemory && section.Bar is null).GroupBy(section => section.Name, StringComparer.Ordinal))
        {
            var length = sections.Max(section => section.Offset + (ulong)section.Range.Length);
            _blocks.Add(sections.Key, machine.Allocate(sections.Key, length, sections.Max(section => section.Backing)));
        }
    }

    /// <summary>Leases on all blocks.</summary>
    internal int Leases => _blocks.Values.Sum(block => block.Leases);

    internal RamBlock Block(string name) => _blocks[name];

    internal bool Has(string name) => _blocks.ContainsKey(name);

    /// <summary>Blocks with leases, in words.</summary>
    internal IReadOnlyList<string> Leased => [.. _blocks.Values.Where(block => block.Leases > 0).Select(block => $"{block.Leases} leases on {block.Name}")];

    internal void Retire()
    {
        foreach (var block in _blocks.Values)
        {
            block.Retire();
        }
    }
}
