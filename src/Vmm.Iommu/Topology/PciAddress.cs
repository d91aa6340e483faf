using System.Globalization;

namespace Vmm.Iommu.Topology;

/// <summary>Where a PCI function is: domain, bus, device, function.</summary>
/// <param name="Domain">Domain (segment); more than 16 bits behind some controllers.</param>
/// <param name="Bus">Bus, 0 to 255.</param>
/// <param name="Device">Device, 0 to 31.</param>
/// <param name="Function">Function, 0 to 7.</param>
public readonly record struct PciAddress(uint Domain, byte Bus, byte Device, byte Function)
{
    private const string Form = "a PCI address is DDDD:BB:DD.F in hexadecimal, such as 0000:01:00.0";

    /// <summary>Reads <c>0000:01:00.0</c>: four to eight digits of domain, device at most 1f, function at most 7. Nothing else may stand around it.</summary>
    public static bool TryParse(string? text, out PciAddress address)
    {
        address = default;
        if (text is null || text.Length is < 12 or > 16)
        {
            return false;
        }

        // The tail has a fixed form, and hexadecimal digits alone leave no room for '/', '.' or a sign.
        var tail = text.AsSpan(text.Length - 8);
        if (tail[0] != ':' || tail[3] != ':' || tail[6] != '.'
            || !TryHex(text.AsSpan(0, text.Length - 8), out var domain)
            || !TryHex(tail[1..3], out var bus) || !TryHex(tail[4..6], out var device) || !TryHex(tail[7..], out var function)
            || device > 31 || function > 7)
        {
            return false;
        }

        address = new(domain, (byte)bus, (byte)device, (byte)function);
        return true;
    }

    /// <summary>Reads an address as <see cref="TryParse"/> does.</summary>
    /// <exception cref="FormatException">The text is no PCI address; says what one looks like.</exception>
    public static PciAddress Parse(string text) =>
        TryParse(text, out var address) ? address : throw new FormatException($"\"{text}\": {Form}");

    /// <summary>The address as sysfs names it.</summary>
    public override string ToString() => $"{Domain:x4}:{Bus:x2}:{Device:x2}.{Function:x}";

    private static bool TryHex(ReadOnlySpan<char> digits, out uint number) =>
        uint.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number);
}
