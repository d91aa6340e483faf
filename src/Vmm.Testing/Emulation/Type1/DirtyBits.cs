using System.Buffers.Binary;
using System.Numerics;

namespace Vmm.Testing.Emulation.Type1;

/// <summary>Dirty bits of one mapping, and how Linux writes them to a caller's bitmap, bit for bit.</summary>
internal static class DirtyBits
{
    private const int WordBits = 64;

    /// <summary>Bytes that a bitmap for so many pages has at least.</summary>
    public static ulong BytesFor(ulong pages) => ((pages + WordBits - 1) & ~(ulong)(WordBits - 1)) / 8;

    /// <summary>False for a mapping of more pages than a bitmap may have.</summary>
    public static bool CanBegin(DmaEntry entry, ulong page) => PagesOf(entry, page) <= int.MaxValue;

    /// <summary>Begins to log: nothing dirty. Room for the smallest page there is, because the page size of a container may shrink.</summary>
    public static void Begin(DmaEntry entry) => entry.Dirty = new ulong[WordsFor(entry.Size / 0x1000) + 1];

    /// <summary>Says that every page is dirty.</summary>
    public static void MarkAll(DmaEntry entry, ulong page) => Mark(entry, 0, PagesOf(entry, page));

    /// <summary>Says that the pages of some bytes are dirty.</summary>
    public static void MarkBytes(DmaEntry entry, ulong page, ulong offset, ulong length) =>
        Mark(entry, offset / page, ((offset + length - 1) / page) - (offset / page) + 1);

    /// <summary>
    /// Writes the bits to a bitmap that begins at <paramref name="queryIova"/>, and begins anew. False when the bitmap has no
    /// room, which is a fault half-way.
    /// </summary>
    /// <remarks>
    /// KERNEL: where an entry does not begin on a word of the bitmap, its bits are shifted in place, and what the caller
    /// had in its first word is mixed in. Residue beyond the entry's pages stays and shows in later queries.
    /// </remarks>
    public static bool Report(DmaEntry entry, ulong queryIova, ulong page, Span<byte> user)
    {
        var bits = entry.Dirty!;
        var pages = PagesOf(entry, page);
        var offset = (entry.Range.Start.Value - queryIova) / page;
        var firstByte = offset / WordBits * sizeof(ulong);
        var shift = (int)(offset % WordBits);
        if (shift > 0)
        {
            ShiftUp(bits.AsSpan(0, WordsFor(pages + (ulong)shift)), shift);
            if (firstByte + sizeof(ulong) > (ulong)user.Length)
            {
                return false;
            }

            bits[0] |= BinaryPrimitives.ReadUInt64LittleEndian(user[(int)firstByte..]);
        }

        var bytes = BytesFor(pages + (ulong)shift);
        if (firstByte + bytes > (ulong)user.Length)
        {
            return false;
        }

        for (var word = 0; word < (int)(bytes / sizeof(ulong)); word++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(user[((int)firstByte + (word * sizeof(ulong)))..], bits[word]);
        }

        Clear(bits, pages);
        return true;
    }

    private static ulong PagesOf(DmaEntry entry, ulong page) => entry.Size >> BitOperations.TrailingZeroCount(page);

    private static int WordsFor(ulong bits) => checked((int)((bits + WordBits - 1) / WordBits));

    private static void Mark(DmaEntry entry, ulong first, ulong count)
    {
        for (var bit = first; bit < first + count; bit++)
        {
            entry.Dirty![bit / WordBits] |= 1UL << (int)(bit % WordBits);
        }
    }

    private static void Clear(ulong[] bits, ulong count)
    {
        var whole = (int)(count / WordBits);
        bits.AsSpan(0, whole).Clear();
        if (count % WordBits != 0)
        {
            bits[whole] &= ulong.MaxValue << (int)(count % WordBits);
        }
    }

    private static void ShiftUp(Span<ulong> words, int shift)
    {
        for (var index = words.Length - 1; index > 0; index--)
        {
            words[index] = (words[index] << shift) | (words[index - 1] >> (WordBits - shift));
        }

        words[0] <<= shift;
    }
}
