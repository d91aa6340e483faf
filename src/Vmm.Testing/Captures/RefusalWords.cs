using System.Globalization;
using System.Text.RegularExpressions;

namespace Vmm.Testing.Captures;

/// <summary>Compares the words of refusals where they mean the same in two processes: a pointer of the VMM's is any, an address is its place in memory, a name that nobody knows is any name.</summary>
internal static partial class RefusalWords
{
    /// <summary>The words with the place for the address, so that they can be shown side by side.</summary>
    /// <param name="words">The words.</param>
    /// <param name="place">Where a process address of the run lies.</param>
    public static string Placed(string words, Func<ulong, HostPlace?> place) => Map().Replace(words, match =>
    {
        var address = ulong.Parse(match.Groups["host"].Value, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        return $"Region {match.Groups["name"].Value}: vfio_container_dma_map(POINTER, {match.Groups["range"].Value}, {place(address)?.ToString() ?? $"0x{address:x}"})";
    });

    /// <summary>True when placed words say the same.</summary>
    public static bool AreEqual(string expected, string ours) =>
        expected == ours || (ours.Contains(Unknown, StringComparison.Ordinal) && Name().Replace(expected, Unknown, 1) == ours);

    private const string Unknown = $"Region {CaptureSection.UnknownName}: vfio_container_dma_map";

    [GeneratedRegex(@"Region (?<name>.*?): vfio_container_dma_map\(0x[0-9a-f]+, (?<range>0x[0-9a-f]+, 0x[0-9a-f]+), 0x(?<host>[0-9a-f]{1,16})\)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Map();

    [GeneratedRegex("Region .*?: vfio_container_dma_map", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Name();
}
