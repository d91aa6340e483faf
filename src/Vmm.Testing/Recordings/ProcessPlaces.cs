using Vmm.Iommu.Addressing;

namespace Vmm.Testing.Recordings;

/// <summary>What descriptors and addresses of the recorded process are here.</summary>
internal sealed class ProcessPlaces
{
    private readonly Dictionary<int, Opened> _descriptors = [];
    private readonly List<Block> _blocks = [];

    /// <summary>What a recorded descriptor is here.</summary>
    public Opened this[int? recorded] => recorded is { } number && _descriptors.TryGetValue(number, out var here) ? here : Opened.Unknown;

    public void Open(int recorded, Opened here) => _descriptors[recorded] = here;

    public void Close(int? recorded) => _descriptors.Remove(recorded ?? -1);

    public void Map(ulong recorded, ulong here, ulong length) => _blocks.Add(new Block(recorded, here, length));

    /// <summary>A range of recorded addresses is no longer mapped; what is left of its blocks stays.</summary>
    public void Unmap(ulong recorded, ulong length)
    {
        if (!IovaRange.TryFromLength(recorded, length, out var gone))
        {
            return;
        }

        for (var at = _blocks.Count - 1; at >= 0; at--)
        {
            var block = _blocks[at];
            if (!block.Range.Overlaps(gone))
            {
                continue;
            }

            _blocks.RemoveAt(at);
            if (gone.Start.Value > block.Recorded)
            {
                _blocks.Add(block with { Length = gone.Start.Value - block.Recorded });
            }

            if (gone.Last < block.Range.Last)
            {
                var skipped = gone.Last.Value + 1 - block.Recorded;
                _blocks.Add(new Block(gone.Last.Value + 1, block.Here + skipped, block.Length - skipped));
            }
        }
    }

    /// <summary>What a recorded address is here; null where nothing was mapped.</summary>
    public ulong? AddressOf(ulong recorded)
    {
        foreach (var block in _blocks)
        {
            if (recorded - block.Recorded < block.Length && recorded >= block.Recorded)
            {
                return recorded - block.Recorded + block.Here;
            }
        }

        return null;
    }

    /// <summary>What a descriptor is.</summary>
    /// <param name="Kind">By which side of the kernel it was opened.</param>
    /// <param name="Number">Its number here; -1 where it is not open here.</param>
    internal readonly record struct Opened(OpenedBy Kind, int Number)
    {
        public static readonly Opened Unknown = new(OpenedBy.Nobody, -1);
    }

    private readonly record struct Block(ulong Recorded, ulong Here, ulong Length)
    {
        public IovaRange Range => IovaRange.FromLength(Recorded, Length);
    }
}
