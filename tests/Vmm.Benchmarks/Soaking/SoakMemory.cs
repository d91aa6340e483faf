using System.Buffers.Binary;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.HotPath;
using Vmm.Iommu.Kernel;

namespace Vmm.Benchmarks.Soaking;

/// <summary>The guest's memory: RAM that stays and a DIMM that is replaced now and then, while devices still reach the old one. Each page begins with a mark of its own.</summary>
internal sealed class SoakMemory
{
    private const int RamPages = 2048;
    private const int DimmPages = 512;
    private const ulong DimmAt = 1UL << 32;
    private const int MostRetired = 4;

    private readonly IMemory _memory;
    private readonly DmaMapper _mapper;
    private readonly List<RamBlock> _retired = [];
    private RamBlock _dimm;
    private ulong _dimms;

    /// <summary>Memory that a mapper looks up targets in.</summary>
    public SoakMemory(IMemory memory, DmaMapper mapper)
    {
        (_memory, _mapper) = (memory, mapper);
        Ram = Make("ram", RamPages);
        _dimm = Make("dimm", DimmPages);
        _mapper.PublishMemory(View());
    }

    /// <summary>What stays.</summary>
    public RamBlock Ram { get; }

    /// <summary>The DIMM that is plugged in now; by the time of its use it may be gone.</summary>
    // ORDERING: acquire, the pair of the write in Replace.
    public RamBlock Dimm => Volatile.Read(ref _dimm);

    /// <summary>Every block whose memory has not gone back.</summary>
    public IReadOnlyList<RamBlock> Blocks
    {
        get
        {
            _retired.RemoveAll(block => block.IsReleased);
            return [Ram, Dimm, .. _retired];
        }
    }

    /// <summary>Puts another DIMM in the place of the one there, whose memory goes back when its last mapping is gone.</summary>
    /// <returns>False while too many of the old ones are still mapped.</returns>
    public bool Replace()
    {
        _retired.RemoveAll(block => block.IsReleased);
        if (_retired.Count == MostRetired)
        {
            return false;
        }

        var old = Dimm;

        // ORDERING: release, the pair of the read in Dimm.
        Volatile.Write(ref _dimm, Make("dimm", DimmPages));
        _mapper.PublishMemory(View());
        _retired.Add(old);
        old.Retire();
        return true;
    }

    /// <summary>Guest-physical address of some pages at random; now and then of none.</summary>
    public ulong TargetFor(Random random, int pages) => random.Next(20) switch
    {
        0 => (ulong)random.Next(1 << 24) * SoakPlaces.Page,
        < 6 => DimmAt + ((ulong)random.Next(DimmPages - pages + 1) * SoakPlaces.Page),
        _ => (ulong)random.Next(RamPages - pages + 1) * SoakPlaces.Page,
    };

    /// <summary>A block, and an offset in it at random.</summary>
    public (RamBlock Block, ulong Offset) BlockFor(Random random, int pages)
    {
        var block = random.Next(5) == 0 ? Dimm : Ram;
        return (block, (ulong)random.Next((int)(block.Length / SoakPlaces.Page) - pages + 1) * SoakPlaces.Page);
    }

    /// <summary>Where the guest sees a byte of a block; false of one that has left.</summary>
    public bool TryAddress(RamBlock block, ulong offset, out ulong address)
    {
        address = block == Ram ? offset : DimmAt + offset;
        return block == Ram || block == Dimm;
    }

    /// <summary>The mark at an offset, as it is in memory now.</summary>
    public static ulong MarkAt(RamBlock block, ulong offset) => BinaryPrimitives.ReadUInt64LittleEndian(block.Bytes(offset, sizeof(ulong)));

    /// <summary>Gives all of it back; no mapping is left.</summary>
    public void Retire()
    {
        Ram.Retire();
        Dimm.Retire();
    }

    private RamBlock Make(string name, int pages)
    {
        var block = RamBlock.Allocate(_memory, name, (ulong)pages * SoakPlaces.Page);
        _dimms++;
        for (var page = 0UL; page < (ulong)pages; page++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(block.Bytes(page * SoakPlaces.Page, sizeof(ulong)), (_dimms << 32) | page);
        }

        return block;
    }

    private FlatView View() => new([Section(0, Ram), Section(DimmAt, Dimm)]);

    private static MemorySection Section(ulong at, RamBlock block) =>
        new(IovaRange.FromLength(at, block.Length), SectionKind.Ram, block.Name, OffsetInRegion: 0, ReadOnly: false, block, OffsetInBlock: 0);
}
