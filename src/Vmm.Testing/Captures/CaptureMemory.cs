using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.Containers;
using Vmm.Iommu.GuestMemory;
using Vmm.Testing.Emulation;

namespace Vmm.Testing.Captures;

/// <summary>
/// The memory of a capture. QEMU's process addresses mean nothing here but that they are equal or contiguous: what touches is
/// one block, and each block is memory of our own; of a capture of iommufd a BAR is the device's.
/// </summary>
internal sealed class CaptureMemory
{
    private const ulong PageMask = 0xfff;

    /// <summary>What is cut out of a BAR, such as the pages of its interrupt table, is smaller.</summary>
    private const ulong LargestHole = 0x10000;

    private readonly List<Block> _blocks = [];
    private readonly List<RamBlock> _allocated = [];

    /// <summary>Allocates every block that the capture shows.</summary>
    /// <param name="kernel">Where it is allocated.</param>
    /// <param name="capture">The capture.</param>
    public CaptureMemory(EmulatedKernel kernel, Capture capture)
    {
        var shown = capture.Steps.OfType<CaptureStep.View>().SelectMany(view => view.Sections).Where(section => section.Host is not null).Distinct().ToList();
        var pieces = shown.Select(section => (Start: section.Host!.Value & ~PageMask, Last: (section.Host!.Value + (ulong)(section.Range.Length - 1)) | PageMask, section.Kind, section.Name));
        foreach (var piece in pieces.OrderBy(piece => piece.Start))
        {
            var isBar = piece.Kind == SectionKind.RamDevice && capture.IsIommufd;
            if (_blocks is [.., var open] && (piece.Start <= open.Last || (piece.Start - open.Last <= (isBar ? LargestHole : 1) && piece.Kind == open.Kind)))
            {
                open.Last = Math.Max(open.Last, piece.Last);
            }
            else
            {
                _blocks.Add(new Block(piece.Name, Unused(piece.Name), piece.Kind, piece.Start) { Last = piece.Last });
            }
        }

        foreach (var block in _blocks.Where(block => !IsDevices(block, capture)))
        {
            block.Memory = RamBlock.Allocate(kernel, block.Name, block.Last - block.First + 1);
            _allocated.Add(block.Memory);
        }

        foreach (var bar in shown.Where(section => section.Kind == SectionKind.RamDevice))
        {
            var (block, offset) = Find(bar.Host!.Value);
            if (block is not null)
            {
                kernel.Declare(block.Address.Plus(offset), (ulong)bar.Range.Length, AddressKind.PfnMap);
            }
        }
    }

    /// <summary>Leases on all blocks.</summary>
    public int Leases => _allocated.Sum(block => block.Leases);

    /// <summary>
    /// Lets the BARs of a device stand for those that the capture shows from then on. KERNEL: iommufd maps a BAR by its dma-buf,
    /// which only a device gives.
    /// </summary>
    public void Give(AssignedDevice device)
    {
        foreach (var block in _blocks.Where(block => block.Memory is null))
        {
            var wanted = block.Last - block.First + 1;
            var region = device.Regions.Where(region => region.Mappable.Any(part => part.Length >= wanted)).MinBy(region => region.Size);
            if (region is not null && device.MapRegion(region.Index) is { IsOk: true, Value: [var bar, ..] })
            {
                block.Memory = bar.Block;
            }
        }
    }

    /// <summary>The view with our memory behind it.</summary>
    public FlatView ViewOf(CaptureStep.View view) => new(view.Sections.Select(SectionOf));

    /// <summary>Where an address of QEMU's process lies; null where the capture shows no memory.</summary>
    public HostPlace? PlaceOfCaptured(ulong host) =>
        _blocks.Find(block => block.First <= host && host <= block.Last) is { } block ? new HostPlace(block.Name, host - block.First) : null;

    /// <summary>Where an address of this process lies; null outside the blocks.</summary>
    public HostPlace? PlaceOfOurs(ulong host) =>
        _blocks.Find(block => block.Memory is { } memory && memory.Address.Value <= host && host - memory.Address.Value < memory.Length) is { } block
            ? new HostPlace(block.Name, host - block.Memory!.Address.Value)
            : null;

    /// <summary>Where an offset of a file of ours lies; null for a file of none of the blocks.</summary>
    public HostPlace? PlaceOfFile(int descriptor, ulong offset) =>
        _blocks.Find(block => block.Memory?.Descriptor == descriptor) is { } block ? new HostPlace(block.Name, offset) : null;

    /// <summary>True for RAM and ROM, false for a BAR.</summary>
    public bool IsRam(HostPlace place) => _blocks.Find(block => block.Name == place.Block)?.Kind == SectionKind.Ram;

    /// <summary>No block is used any more.</summary>
    public void Retire()
    {
        _allocated.ForEach(block => block.Retire());
    }

    private MemorySection SectionOf(CaptureSection section)
    {
        // Where the capture gives no offset, QEMU mapped the section, so its place in the page is right.
        var offset = section.Offset ?? section.Range.Start.Value & PageMask;
        if (section.Host is not { } host)
        {
            return new MemorySection(section.Range, section.Kind, section.Name, offset, section.ReadOnly, null, 0);
        }

        var (block, at) = Find(host);
        return new MemorySection(section.Range, section.Kind, section.Name, offset, section.ReadOnly, block, at);
    }

    private (RamBlock? Block, ulong Offset) Find(ulong host)
    {
        var block = _blocks.Find(block => block.First <= host && host <= block.Last)!;
        return (block.Memory, host - block.First);
    }

    private static bool IsDevices(Block block, Capture capture) => capture.IsIommufd && block.Kind == SectionKind.RamDevice;

    private string Unused(string name)
    {
        var count = _blocks.Count(block => block.Region == name);
        return count == 0 ? name : $"{name}#{count + 1}";
    }

    private sealed class Block(string region, string name, SectionKind kind, ulong first)
    {
        /// <summary>The name of the memory region that it begins with.</summary>
        public string Region { get; } = region;

        public string Name { get; } = name;

        public SectionKind Kind { get; } = kind;

        public ulong First { get; } = first;

        public ulong Last { get; set; }

        public RamBlock? Memory { get; set; }
    }
}
