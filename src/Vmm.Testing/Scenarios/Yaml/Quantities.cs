using System.Globalization;
using System.Text.RegularExpressions;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.Results;

namespace Vmm.Testing.Scenarios.Yaml;

/// <summary>Addresses, sizes, ranges, times and names as scenarios write them.</summary>
internal static partial class Quantities
{
    private const string NumberForm = "write a number such as 0xfee00000, 4096 or 2MiB, below 2^64";
    private const string RangeForm = "write START-LAST, both inclusive, such as 0xfee00000-0xfeefffff";
    private static readonly TimeSpan LongestTime = TimeSpan.FromDays(365);

    /// <summary>An address or a number of bytes.</summary>
    internal static ulong Number(this YamlValue value)
    {
        var text = value.Plain(NumberForm);
        return TryNumber(text, out var number) ? number : throw value.Error($"'{text}' is no number below 2^64", NumberForm);
    }

    /// <summary>A range from its two inclusive ends.</summary>
    internal static IovaRange Range(this YamlValue value)
    {
        var text = value.Plain(RangeForm);
        return value.Range(text);
    }

    /// <summary>A range from text of a value.</summary>
    internal static IovaRange Range(this YamlValue value, string text)
    {
        var ends = text.Split('-');
        if (ends.Length != 2 || !TryNumber(ends[0].Trim(), out var start) || !TryNumber(ends[1].Trim(), out var last))
        {
            throw value.Error($"'{text}' is no range below 2^64", RangeForm);
        }

        return start <= last
            ? IovaRange.FromBounds(start, last)
            : throw value.Error($"0x{start:x} is above 0x{last:x}", "the start of a range is not above its last byte");
    }

    internal static TimeSpan Time(this YamlValue value)
    {
        const string Form = "write a time such as 250ms, 30s, 10m or 1h";
        var text = value.Plain(Form);
        var match = TimePattern().Match(text);
        if (!match.Success || !int.TryParse(match.Groups["number"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            throw value.Error($"'{text}' is no time", Form);
        }

        var unit = match.Groups["unit"].Value switch
        {
            "ms" => TimeSpan.TicksPerMillisecond,
            "s" => TimeSpan.TicksPerSecond,
            "m" => TimeSpan.TicksPerMinute,
            _ => TimeSpan.TicksPerHour,
        };
        return number <= LongestTime.Ticks / unit
            ? TimeSpan.FromTicks(number * unit)
            : throw value.Error($"'{text}' is too long", "write at most 8760h, a year");
    }

    /// <summary>The name of a device in sysfs: it becomes part of a path, so it holds no path characters.</summary>
    internal static string DeviceName(this YamlValue value)
    {
        const string Form = "write the device's name in sysfs: a PCI address such as 0000:01:00.0, or the UUID of a mediated device";
        var text = value.Text(Form);
        return NamePattern().IsMatch(text) && !text.Contains("..", StringComparison.Ordinal)
            ? text
            : throw value.Error($"'{text}' cannot be a device", Form);
    }

    internal static Errno Errno(this YamlValue value)
    {
        var name = value.Text("write a name such as EINVAL");
        return Iommu.Results.Errno.TryParse(name, out var errno) ? errno : throw value.Error($"'{name}' is no errno", "write a name such as EINVAL, ENOMEM, EBUSY");
    }

    internal static string PciAddress(this YamlValue value)
    {
        const string Form = "write domain:bus:slot.function in hexadecimal, such as 0000:08:00.0";
        var text = value.Text(Form);
        return PciPattern().IsMatch(text) ? text : throw value.Error($"'{text}' is no PCI address", Form);
    }

    internal static ReadOnlyMemory<byte> Hex(this YamlValue value)
    {
        const string Form = "write pairs of hexadecimal digits, such as 'de ad be ef'";
        var text = value.Text(Form).Replace(" ", "", StringComparison.Ordinal);
        return text.Length > 0 && text.Length % 2 == 0 && text.All(char.IsAsciiHexDigit)
            ? Convert.FromHexString(text)
            : throw value.Error("these are no bytes", Form);
    }

    internal static ReadOnlyMemory<byte> Utf8(this YamlValue value) =>
        System.Text.Encoding.UTF8.GetBytes(value.Text("write the text whose bytes are meant"));

    private static bool TryNumber(string text, out ulong number)
    {
        var match = NumberPattern().Match(text);
        number = 0;
        if (!match.Success)
        {
            return false;
        }

        var digits = match.Groups["digits"].Value.Replace("_", "", StringComparison.Ordinal);
        var style = match.Groups["hex"].Success ? NumberStyles.AllowHexSpecifier : NumberStyles.None;
        var shift = match.Groups["unit"].Value switch { "KiB" => 10, "MiB" => 20, "GiB" => 30, "TiB" => 40, _ => 0 };
        if (!ulong.TryParse(digits, style, CultureInfo.InvariantCulture, out number) || number > ulong.MaxValue >> shift)
        {
            return false;
        }

        number <<= shift;
        return true;
    }

    [GeneratedRegex("^(?<hex>0x)?(?<digits>[0-9a-fA-F_]+?)(?<unit>KiB|MiB|GiB|TiB)?$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex NumberPattern();

    [GeneratedRegex("^(?<number>[0-9]+)(?<unit>ms|s|m|h)$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex TimePattern();

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9:._-]*$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex NamePattern();

    [GeneratedRegex("^[0-9a-f]{4}:[0-9a-f]{2}:[01][0-9a-f]\\.[0-7]$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex PciPattern();
}
