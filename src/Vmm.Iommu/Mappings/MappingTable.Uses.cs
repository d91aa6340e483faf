using Vmm.Iommu.Addressing;
using Vmm.Iommu.GuestMemory;

namespace Vmm.Iommu.Mappings;

public sealed partial class MappingTable
{
    private readonly Dictionary<(RamBlock Block, DmaAccess Access, MappingState State), Use> _uses = [];
    private Use? _latest;

    private Held Hold(in LiveMapping mapping)
    {
        var block = mapping.Lease.Block!;
        if (_latest is not { } use || use.Block != block || use.Access != mapping.Access || use.State != mapping.State)
        {
            var key = (block, mapping.Access, mapping.State);
            if (!_uses.TryGetValue(key, out use))
            {
                _uses.Add(key, use = new Use(block, mapping.Access, mapping.State));
            }

            (var before, _latest) = (_latest, use);
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

    /// <summary>The latest stays, so that a pair of map and unmap allocates nothing.</summary>
    private void Forget(Use? use)
    {
        if (use is { Count: 0 } && use != _latest)
        {
            _uses.Remove((use.Block, use.Access, use.State));
        }
    }

    /// <summary>What all mappings of a block with the same access and state share, so that each keeps two words beside its range.</summary>
    private sealed class Use(RamBlock block, DmaAccess access, MappingState state)
    {
        public RamBlock Block { get; } = block;

        public DmaAccess Access { get; } = access;

        public MappingState State { get; } = state;

        public int Count { get; set; }
    }

    private readonly record struct Held(Use Use, ulong Offset)
    {
        public LiveMapping At(IovaRange range) => new(range, new RamLease(Use.Block), Offset, Use.Access, Use.State);
    }
}
