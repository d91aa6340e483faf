using System.Globalization;

namespace Vmm.Cli.Drawing;

/// <summary>Sizes for people: exact where five digits can say it, else about, with one decimal.</summary>
internal static class ByteSize
{
    private static readonly string[] Units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

    internal static string Of(UInt128 bytes)
    {
        for (var unit = Units.Length - 1; unit > 0; unit--)
        {
            var one = UInt128.One << (10 * unit);
            if (bytes >= one && bytes % one == 0 && bytes / one < 10_000)
            {
                return $"{bytes / one} {Units[unit]}";
            }
        }

        var largest = Units.Length - 1;
        while (largest > 0 && bytes < UInt128.One << (10 * largest))
        {
            largest--;
        }

        return largest == 0
            ? $"{bytes} B"
            : "~" + ((double)bytes / Math.Pow(1024, largest)).ToString("0.0", CultureInfo.InvariantCulture) + " " + Units[largest];
    }
}
