using Vmm.Iommu.Addressing;
using Vmm.Iommu.GuestMemory;

namespace Vmm.Iommu.Mappings;

public sealed partial class MappingTable
{
    private readonly Dictionary<(RamBlock Block, DmaAccess Access, MappingState State, bool IsHot), Use> _uses = [];
    private readonly Use?[] _latest = new Use?[2];

    private Held Hold(in LiveMapping mapping)
    {
        var block = mapping.Lease.Block!;
        ref var latest = ref _latest[(int)mapping.State];
        if (latest is not { } use || !use.Is(block, mapping))
        {
            var key = (block, mapping.Access, mapping.State, mapping.IsHot);
            if (!_uses.TryGetValue(key, out use))
            {
                _uses.Add(key, use = new Use(block, mapping.Access, mapping.State, mapping.IsHot));
            }

            (var before, latest) = (latest, use);
            Forget(before);
        }

        use.Count++;
        return new Held(use, mapping.Offset);
    }

    private void LetGo(Held held)
    {
        held.Use.Count--;
        Forget(held.Use);
    }

    /// <summary>The latest of each state stays, so that a pair of map and unmap allocates nothing.</summary>
    private void Forget(Use? use)
    {
        if (use is { Count: 0 } && use != _latest[(int)use.State])
        {
            _uses.Remove((use.Block, use.Access, use.State, use.IsHot));
        }
    }

    /// <summary>What all mappings of a block with the same access, state and origin share, so that each keeps two words beside its range.</summary>
    private sealed class Use(RamBlock block, DmaAccess access, MappingState state, bool isHot)
    {
        public RamBlock Block { get; } = block;

        public DmaAccess Access { get; } = access;

        public MappingState State { get; } = state;

        public bool IsHot { get; } = isHot;

        public int Count { get; set; }

        public bool Is(RamBlock block, in LiveMapping mapping) =>
            Block == block && Access == mapping.Access && State == mapping.State && IsHot == mapping.IsHot;
    }

    private readonly record struct Held(Use Use, ulong Offset)
    {
        public LiveMapping At(IovaRange range) => new(range, new RamLease(Use.Block), Offset, Use.Access, Use.State) { IsHot = Use.IsHot };
    }
}
