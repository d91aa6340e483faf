using Vmm.Iommu.GuestMemory;

namespace Vmm.Iommu.AddressSpaces;

/// <summary>What <c>info mtree -f</c> printed: every view of a VM's address spaces. Immutable.</summary>
/// <param name="Source">The file that it was read from, for error texts.</param>
/// <param name="Views">The views, in the order printed.</param>
public sealed record MtreeMap(string Source, IReadOnlyList<MtreeView> Views)
{
    /// <summary>QEMU's name of the address space that devices use when no vIOMMU stands in between.</summary>
    public const string SystemMemory = "memory";

    /// <summary>The view of an address space.</summary>
    /// <exception cref="FormatException">No address space has the name; lists those there are.</exception>
    public MtreeView Select(string addressSpace = SystemMemory) =>
        Views.FirstOrDefault(view => view.AddressSpaces.Contains(addressSpace)) ?? throw new FormatException(
            $"{Source}: no address space \"{addressSpace}\"; there are {string.Join(", ", Views.SelectMany(view => view.AddressSpaces).Distinct().Select(name => $"\"{name}\""))}");

    /// <summary>Names and lengths in bytes of the memory regions with memory behind them: up to the last byte that any view shows.</summary>
    public IReadOnlyDictionary<string, ulong> MemoryRegions =>
        (from view in Views
         from section in view.Sections
         where section.HasMemory
         group section.Offset + (ulong)section.Range.Length by section.Region)
        .ToDictionary(ends => ends.Key, ends => ends.Max(), StringComparer.Ordinal);

    /// <summary>A view with memory behind it.</summary>
    /// <param name="blocks">Gives the block of a region by name and length in bytes; asked once a region.</param>
    /// <param name="addressSpace">Whose view.</param>
    /// <exception cref="FormatException">No address space has the name.</exception>
    public FlatView ToFlatView(Func<string, ulong, RamBlock> blocks, string addressSpace = SystemMemory)
    {
        ArgumentNullException.ThrowIfNull(blocks);
        var lengths = MemoryRegions;
        var made = new Dictionary<string, RamBlock>(StringComparer.Ordinal);
        return new FlatView(Select(addressSpace).Sections.Select(section => new MemorySection(
            section.Range, section.Kind, section.Region, section.Offset, section.ReadOnly, BlockOf(section), section.HasMemory ? section.Offset : 0)));

        RamBlock? BlockOf(MtreeSection section)
        {
            if (!section.HasMemory)
            {
                return null;
            }

            if (!made.TryGetValue(section.Region, out var block))
            {
                made.Add(section.Region, block = blocks(section.Region, lengths[section.Region]));
            }

            return block;
        }
    }
}
