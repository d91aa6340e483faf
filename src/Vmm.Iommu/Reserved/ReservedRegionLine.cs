using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Vmm.Iommu.Addressing;

namespace Vmm.Iommu.Reserved;

/// <summary>A line of the kernel's <c>reserved_regions</c> file: <c>0xSTART 0xLAST type</c>, last inclusive.</summary>
public static class ReservedRegionLine
{
    /// <summary>What a right line looks like, for error texts.</summary>
    public const string Form = "a line is \"0xSTART 0xLAST type\", START <= LAST, both at most 64 bits, type one of direct, direct-relaxable, reserved, msi";

    /// <summary>Reads one line.</summary>
    /// <param name="line">The line without its end.</param>
    /// <param name="owner">Whose region it is, such as <c>group 6</c>.</param>
    /// <param name="source">Where the line stands.</param>
    /// <param name="region">The region when the line is right.</param>
    /// <param name="wrong">What is wrong with the line when it is not.</param>
    public static bool TryParse(
        string line,
        string owner,
        string source,
        [NotNullWhen(true)] out ReservedRegion? region,
        [NotNullWhen(false)] out string? wrong)
    {
        ArgumentNullException.ThrowIfNull(line);
        region = null;
        var fields = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length != 3)
        {
            wrong = $"\"{line}\" has {fields.Length} fields, not 3";
            return false;
        }

        if (!TryNumber(fields[0], out var start, out wrong) || !TryNumber(fields[1], out var last, out wrong))
        {
            return false;
        }

        if (last < start)
        {
            wrong = $"the region starts at {fields[0]}, above its last byte {fields[1]}";
            return false;
        }

        if (KindOf(fields[2]) is not { } kind)
        {
            wrong = $"\"{fields[2]}\" is no type of a reserved region";
            return false;
        }

        region = new(kind, IovaRange.FromBounds(start, last), owner, source);
        return true;
    }

    /// <summary>The kernel's word for a kind; <c>user</c> for ours.</summary>
    public static string WordOf(ReservedRegionKind kind) => kind switch
    {
        ReservedRegionKind.Direct => "direct",
        ReservedRegionKind.DirectRelaxable => "direct-relaxable",
        ReservedRegionKind.Reserved => "reserved",
        ReservedRegionKind.Msi => "msi",
        _ => "user",
    };

    private static ReservedRegionKind? KindOf(string word) => word switch
    {
        "direct" => ReservedRegionKind.Direct,
        "direct-relaxable" => ReservedRegionKind.DirectRelaxable,
        "reserved" => ReservedRegionKind.Reserved,
        "msi" => ReservedRegionKind.Msi,
        _ => null,
    };

    private static bool TryNumber(string text, out ulong number, [NotNullWhen(false)] out string? wrong)
    {
        number = 0;
        if (!text.StartsWith("0x", StringComparison.Ordinal) || text.Length == 2 || !text.AsSpan(2).ContainsOnlyHex())
        {
            wrong = $"\"{text}\" is no number with 0x in front";
            return false;
        }

        var digits = text.AsSpan(2).TrimStart('0');
        if (digits.Length > 16)
        {
            wrong = $"\"{text}\" is past 2^64";
            return false;
        }

        number = digits.IsEmpty ? 0 : ulong.Parse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        wrong = null;
        return true;
    }

    private static bool ContainsOnlyHex(this ReadOnlySpan<char> text)
    {
        foreach (var letter in text)
        {
            if (!char.IsAsciiHexDigit(letter))
            {
                return false;
            }
        }

        return true;
    }
}
