using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Vmm.Iommu.Addressing;

/// <summary>
/// A range of IOVAs that is never empty. Both ends are inclusive, so that the top byte of the space,
/// 2^64-1, can be said; a length may be 2^64 and is a <see cref="UInt128"/>.
/// </summary>
public readonly record struct IovaRange : IComparable<IovaRange>
{
    /// <summary>Every IOVA: 0 to 2^64-1.</summary>
    public static readonly IovaRange All = new(new Iova(0), new Iova(ulong.MaxValue));

    /// <summary>The lower half of <see cref="All"/>, for calls that cannot say 2^64 bytes and are made twice.</summary>
    internal static readonly IovaRange LowerHalf = FromBounds(0, (1UL << 63) - 1);

    /// <summary>The upper half of <see cref="All"/>.</summary>
    internal static readonly IovaRange UpperHalf = FromBounds(1UL << 63, ulong.MaxValue);

    /// <summary>A range from its two ends.</summary>
    /// <param name="start">First IOVA, inclusive.</param>
    /// <param name="last">Last IOVA, inclusive; not below <paramref name="start"/>.</param>
    /// <exception cref="ArgumentException"><paramref name="last"/> is below <paramref name="start"/>.</exception>
    public IovaRange(Iova start, Iova last)
    {
        if (last < start)
        {
            ThrowReversed(start, last);
        }

        Start = start;
        Last = last;
    }

    /// <summary>First IOVA, inclusive.</summary>
    public Iova Start { get; }

    /// <summary>Last IOVA, inclusive.</summary>
    public Iova Last { get; }

    /// <summary>Bytes in the range: 1 to 2^64.</summary>
    public UInt128 Length => (UInt128)(Last.Value - Start.Value) + 1;

    /// <summary>A range from its two inclusive ends, as numbers.</summary>
    /// <exception cref="ArgumentException"><paramref name="last"/> is below <paramref name="start"/>.</exception>
    public static IovaRange FromBounds(ulong start, ulong last) => new(new Iova(start), new Iova(last));

    /// <summary>A range of <paramref name="length"/> bytes from <paramref name="start"/>.</summary>
    /// <exception cref="ArgumentException">The length is zero or the end is past 2^64-1.</exception>
    public static IovaRange FromLength(ulong start, ulong length) =>
        TryFromLength(start, length, out var range)
            ? range
            : throw new ArgumentException($"0x{length:x} bytes from 0x{start:x} are empty or end past 2^64-1.", nameof(length));

    /// <summary>A range of <paramref name="length"/> bytes from <paramref name="start"/>; false when empty or past 2^64-1.</summary>
    public static bool TryFromLength(ulong start, ulong length, out IovaRange range)
    {
        if (length == 0 || length - 1 > ulong.MaxValue - start)
        {
            range = default;
            return false;
        }

        range = FromBounds(start, start + (length - 1));
        return true;
    }

    /// <summary>True when <paramref name="address"/> lies in the range.</summary>
    public bool Contains(Iova address) => Start <= address && address <= Last;

    /// <summary>True when the whole of <paramref name="other"/> lies in the range.</summary>
    public bool Contains(IovaRange other) => Start <= other.Start && other.Last <= Last;

    /// <summary>True when the two share at least one byte.</summary>
    public bool Overlaps(IovaRange other) => Start <= other.Last && other.Start <= Last;

    /// <summary>What both ranges have; false when they share nothing.</summary>
    public bool TryIntersect(IovaRange other, out IovaRange shared)
    {
        if (!Overlaps(other))
        {
            shared = default;
            return false;
        }

        shared = new(Start > other.Start ? Start : other.Start, Last < other.Last ? Last : other.Last);
        return true;
    }

    /// <summary>True when <paramref name="next"/> begins at the byte after this range's last.</summary>
    public bool IsFollowedBy(IovaRange next) => Last.Value != ulong.MaxValue && Last.Value + 1 == next.Start.Value;

    /// <summary>Orders by start, then by last.</summary>
    public int CompareTo(IovaRange other) =>
        Start.CompareTo(other.Start) is var order && order != 0 ? order : Last.CompareTo(other.Last);

    /// <summary>True when <paramref name="left"/> sorts before <paramref name="right"/>.</summary>
    public static bool operator <(IovaRange left, IovaRange right) => left.CompareTo(right) < 0;

    /// <summary>True when <paramref name="left"/> sorts after <paramref name="right"/>.</summary>
    public static bool operator >(IovaRange left, IovaRange right) => left.CompareTo(right) > 0;

    /// <summary>True when <paramref name="left"/> does not sort after <paramref name="right"/>.</summary>
    public static bool operator <=(IovaRange left, IovaRange right) => left.CompareTo(right) <= 0;

    /// <summary>True when <paramref name="left"/> does not sort before <paramref name="right"/>.</summary>
    public static bool operator >=(IovaRange left, IovaRange right) => left.CompareTo(right) >= 0;

    /// <summary>The range as <c>0xSTART-0xLAST</c>, both inclusive.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Start}-{Last}");

    // Out of line, so that making a range is inlined.
    [DoesNotReturn]
    private static void ThrowReversed(Iova start, Iova last) =>
        throw new ArgumentException($"A range needs start <= last, not {start}-{last}.", nameof(last));
}
