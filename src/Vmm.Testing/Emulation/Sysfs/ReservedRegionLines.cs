using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.Reserved;

namespace Vmm.Testing.Emulation.Sysfs;

/// <summary>Reads the lines <c>0xSTART 0xLAST type</c> of a reserved_regions file.</summary>
internal static class ReservedRegionLines
{
    /// <summary>One line; what is wrong with it where it is none.</summary>
    public static bool TryParse(
        string line,
        [NotNullWhen(true)] out (ReservedRegionKind Kind, IovaRange Range)? region,
        [NotNullWhen(false)] out string? wrong)
    {
        region = null;
        var words = line.Split(' ');
        if (words.Length != 3)
        {
            wrong = $"'{line}' has {words.Length} words";
            return false;
        }

        if (!TryAddress(words[0], out var start, out wrong) || !TryAddress(words[1], out var last, out wrong))
        {
            return false;
        }

        if (last < start)
        {
            wrong = $"start 0x{start:x} is above last 0x{last:x}";
            return false;
        }

        if (KindOf(words[2]) is not { } kind)
        {
            wrong = $"'{words[2]}' is no type";
            return false;
        }

        region = (kind, IovaRange.FromBounds(start, last));
        return true;
    }

    private static ReservedRegionKind? KindOf(string word) => word switch
    {
        "direct" => ReservedRegionKind.Direct,
        "direct-relaxable" => ReservedRegionKind.DirectRelaxable,
        "reserved" => ReservedRegionKind.Reserved,
        "msi" => ReservedRegionKind.Msi,
        _ => null,
    };

    private static bool TryAddress(string word, out ulong value, [NotNullWhen(false)] out string? wrong)
    {
        value = 0;
        wrong = null;
        var digits = word.StartsWith("0x", StringComparison.Ordinal) ? word[2..] : "";
        if (digits.Length == 0 || !digits.All(char.IsAsciiHexDigit))
        {
            wrong = $"'{word}' is no address";
        }
        else if (digits.TrimStart('0').Length > 16)
        {
            wrong = $"{word} is past 2^64-1";
        }
        else
        {
            value = ulong.Parse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        }

        return wrong is null;
    }
}
