using System.Diagnostics.CodeAnalysis;
using Vmm.Iommu.GuestMemory;

namespace Vmm.Iommu.AddressSpaces;

/// <summary>
/// What a vIOMMU's targets are looked up in: the RAM of a view by guest-physical address. One thread publishes, any thread looks;
/// a look sees one view whole. Neighbouring sections of one block that show it on and with the same access are one piece, since a
/// huge page may lie across them.
/// </summary>
public sealed class SystemMemory
{
    private Piece[] _pieces = [];

    /// <summary>True while no RAM was published: nothing is found then.</summary>
    // ORDERING: acquire, the pair of the write in Publish.
    public bool IsEmpty => Volatile.Read(ref _pieces).Length == 0;

    /// <summary>Changes what is looked up in.</summary>
    /// <param name="view">System memory. What is no RAM is no target.</param>
    public void Publish(FlatView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        var pieces = new List<Piece>();
        foreach (var section in view)
        {
            // QEMU: a mapped BAR is RAM too, and the kernel says whether it can be mapped.
            if (section.Kind is not (SectionKind.Ram or SectionKind.RamDevice) || section.Block is null)
            {
                continue;
            }

            var piece = new Piece(section.Range.Start.Value, section.Range.Last.Value, section.Block, section.OffsetInBlock, !section.ReadOnly);
            if (pieces.Count > 0 && pieces[^1].TryJoin(piece, out var joined))
            {
                pieces[^1] = joined;
            }
            else
            {
                pieces.Add(piece);
            }
        }

        // ORDERING: release, the pair of the reads in TryFind and IsEmpty.
        Volatile.Write(ref _pieces, [.. pieces]);
    }

    /// <summary>The memory at an address. O(log n), allocates nothing.</summary>
    /// <param name="address">Guest-physical address of the first byte.</param>
    /// <param name="length">Bytes; at least one.</param>
    /// <param name="block">The memory.</param>
    /// <param name="offset">Offset of the first byte in it.</param>
    /// <param name="mayWrite">False where devices may read alone.</param>
    /// <returns>False where it is not wholly RAM of one block.</returns>
    public bool TryFind(ulong address, ulong length, [NotNullWhen(true)] out RamBlock? block, out ulong offset, out bool mayWrite)
    {
        // ORDERING: acquire, the pair of the write in Publish.
        var pieces = Volatile.Read(ref _pieces);
        var (low, high) = (0, pieces.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) >> 1;
            ref readonly var piece = ref pieces[middle];
            if (address < piece.Start)
            {
                high = middle - 1;
            }
            else if (address > piece.Last)
            {
                low = middle + 1;
            }
            else
            {
                (block, offset, mayWrite) = (piece.Block, piece.Offset + (address - piece.Start), piece.MayWrite);
                return length != 0 && length - 1 <= piece.Last - address;
            }
        }

        (block, offset, mayWrite) = (null, 0, false);
        return false;
    }

    private readonly record struct Piece(ulong Start, ulong Last, RamBlock Block, ulong Offset, bool MayWrite)
    {
        public bool TryJoin(Piece next, out Piece joined)
        {
            joined = this with { Last = next.Last };
            return next.Block == Block && next.MayWrite == MayWrite && next.Start == Last + 1 && next.Offset - Offset == next.Start - Start;
        }
    }
}
