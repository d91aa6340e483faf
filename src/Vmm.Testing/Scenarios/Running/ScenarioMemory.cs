using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.Kernel;
using Vmm.Testing.Emulation;
using Vmm.Testing.Recordings;

namespace Vmm.Testing.Scenarios.Running;

/// <summary>The memory of a scenario: a block a name, as long as the furthest byte that any view shows of it.</summary>
internal sealed class ScenarioMemory
{
    private readonly Dictionary<string, RamBlock> _blocks = new(StringComparer.Ordinal);
    private readonly EmulatedKernel _kernel;
    private readonly RecordingFile? _recording;

    /// <summary>Allocates it.</summary>
    /// <param name="kernel">The kernel, which is told what memory is not plain.</param>
    /// <param name="memory">The same kernel's memory, as it is recorded.</param>
    /// <param name="everything">All sections of all views.</param>
    /// <param name="recording">Told what the kernel is told; or null.</param>
    internal ScenarioMemory(EmulatedKernel kernel, IMemory memory, IEnumerable<SectionScript> everything, RecordingFile? recording)
    {
        _kernel = kernel;
        _recording = recording;
        foreach (var sections in everything.Where(section => section.HasMemory && section.Bar is null).GroupBy(section => section.Name, StringComparer.Ordinal))
        {
            var length = sections.Max(section => section.Offset + (ulong)section.Range.Length);
            var block = RamBlock.Allocate(memory, sections.Key, length);
            _blocks.Add(sections.Key, block);
            Declare(block, sections.Max(section => section.Backing));
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

    private void Declare(RamBlock block, SectionBacking backing)
    {
        AddressKind? kind = backing switch
        {
            SectionBacking.ReadOnlyMemory => AddressKind.ReadOnly,
            SectionBacking.DeviceMemory => AddressKind.PfnMap,
            SectionBacking.Nothing => AddressKind.Absent,
            _ => null,
        };
        if (kind is { } declared)
        {
            _kernel.Declare(block.Address, block.Length, declared);
            _recording?.Note(
                RecordedLine.Declared,
                new(StringComparer.Ordinal) { ["address"] = $"{block.Address}", ["length"] = $"0x{block.Length:x}", ["kind"] = $"{declared}" });
        }
    }
}
