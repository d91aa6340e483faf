using System.Globalization;

namespace Vmm.Iommu.Topology;

/// <summary>The kernel's number of an IOMMU group: the N of <c>/dev/vfio/N</c>.</summary>
/// <param name="Value">Zero or above.</param>
public readonly record struct IommuGroupId(int Value) : IComparable<IommuGroupId>
{
    /// <summary>Reads digits alone, without sign, blanks or leading zeros.</summary>
    public static bool TryParse(string? text, out IommuGroupId id)
    {
        var ok = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && (text!.Length == 1 || text[0] != '0');
        id = ok ? new(number) : default;
        return ok;
    }

    /// <inheritdoc/>
    public int CompareTo(IommuGroupId other) => Value.CompareTo(other.Value);

    /// <summary>True when <paramref name="left"/> is below <paramref name="right"/>.</summary>
    public static bool operator <(IommuGroupId left, IommuGroupId right) => left.Value < right.Value;

    /// <summary>True when <paramref name="left"/> is above <paramref name="right"/>.</summary>
    public static bool operator >(IommuGroupId left, IommuGroupId right) => left.Value > right.Value;

    /// <summary>True when <paramref name="left"/> is at or below <paramref name="right"/>.</summary>
    public static bool operator <=(IommuGroupId left, IommuGroupId right) => left.Value <= right.Value;

    /// <summary>True when <paramref name="left"/> is at or above <paramref name="right"/>.</summary>
    public static bool operator >=(IommuGroupId left, IommuGroupId right) => left.Value >= right.Value;

    /// <summary>The number.</summary>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}
