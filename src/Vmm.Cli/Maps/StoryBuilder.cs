using System.Globalization;
using Vmm.Actors;
using Vmm.Cli.Drawing;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Topology;

namespace Vmm.Cli.Maps;

/// <summary>Makes a story of what a VM held after each step.</summary>
internal sealed class StoryBuilder
{
    private readonly Dictionary<string, SpacePicture> _before = new(StringComparer.Ordinal);
    private readonly List<MapStep> _steps = [];

    /// <summary>The steps so far.</summary>
    internal IReadOnlyList<MapStep> Steps => _steps;

    /// <summary>Adds a step.</summary>
    /// <param name="number">Its number.</param>
    /// <param name="asked">What was asked, in words.</param>
    /// <param name="happened">What came of it, in words.</param>
    /// <param name="spaces">Every space afterwards.</param>
    /// <param name="topology">The host afterwards, for reserved regions.</param>
    /// <param name="remapped">What was unmapped and mapped again meanwhile.</param>
    /// <param name="isGood">False when it did not come as it was meant to.</param>
    internal void Add(
        string number,
        string asked,
        string happened,
        IReadOnlyList<AddressSpaceState> spaces,
        HostTopology? topology,
        IReadOnlyList<IovaRange> remapped,
        bool isGood)
    {
        var frames = new List<SpaceFrame>();
        foreach (var space in spaces)
        {
            var now = PictureOfState.Of(space, topology);
            frames.Add(new SpaceFrame(now, BeforeOf(now)) { Remapped = remapped });
            _before[now.Name] = now;
        }

        _steps.Add(new MapStep(number, asked, happened, frames) { IsGood = isGood });
    }

    /// <summary>What calls unmapped and mapped again.</summary>
    /// <param name="calls">Calls as a timeline writes them: <c>VFIO_IOMMU_MAP_DMA 0x0-0xfff rw</c>.</param>
    internal static IReadOnlyList<IovaRange> Remapped(IEnumerable<string> calls)
    {
        var words = calls.Select(call => call.Split(' ')).Where(call => !call.Contains("=")).ToList();
        return Remapped(Ranges(words, "VFIO_IOMMU_UNMAP_DMA"), Ranges(words, "VFIO_IOMMU_MAP_DMA"));
    }

    /// <summary>What lies in both: unmapped, and mapped in the same step.</summary>
    internal static IReadOnlyList<IovaRange> Remapped(IEnumerable<IovaRange> unmapped, IEnumerable<IovaRange> mapped) =>
        new ValidIovaRanges(unmapped).Intersect(new ValidIovaRanges(mapped));

    private static IEnumerable<IovaRange> Ranges(IEnumerable<string[]> calls, string name)
    {
        foreach (var range in calls.Where(call => call.Length > 1 && call[0] == name).Select(call => call[1].Split('-')))
        {
            if (range.Length == 2 && TryHex(range[0], out var start) && TryHex(range[1], out var last) && start <= last)
            {
                yield return IovaRange.FromBounds(start, last);
            }
        }
    }

    private static bool TryHex(string text, out ulong value) =>
        ulong.TryParse(text.StartsWith("0x", StringComparison.Ordinal) ? text.AsSpan(2) : "", NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);

    // A space that begins with containers shows them as new; one that begins empty is drawn once as it is.
    private SpacePicture? BeforeOf(SpacePicture now) =>
        _before.TryGetValue(now.Name, out var before) ? before : now.Containers.Count > 0 ? now with { Containers = [] } : null;
}
