using System.Globalization;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;

namespace Vmm.Iommu.Topology;

/// <summary>Who has a node open, as far as this process may see.</summary>
/// <param name="Node">The node, such as <c>/dev/vfio/6</c>.</param>
/// <param name="Open">Those who have it open, by number.</param>
/// <param name="WithDevices">Those who have a VFIO device open but not the node: a device holds its group after the node is closed.</param>
/// <param name="Hidden">Processes that do not show their descriptors to this one.</param>
public sealed record NodeHolders(string Node, IReadOnlyList<NodeHolder> Open, IReadOnlyList<NodeHolder> WithDevices, int Hidden)
{
    // KERNEL: what a device's descriptor is called, whichever device it is.
    private const string DeviceLink = "anon_inode:[vfio-device]";

    /// <summary>One sentence: who has it, or why that is not to be seen.</summary>
    public string Words =>
        Open.Count > 0 ? $"{Node} is open in {string.Join(", ", Open)}: end that first."
        : WithDevices.Count > 0 ? $"Nobody to be seen has {Node} open, but a device that came from it may be: {string.Join(", ", WithDevices)} {(WithDevices.Count == 1 ? "has" : "have")} VFIO devices open."
        : Hidden > 0 ? $"Who has {Node} open is not to be seen: {Hidden} processes hide their descriptors from this one; ask as root (lsof {Node})."
        : $"No process in sight has {Node} open: look in other containers of this host (lsof {Node} outside).";

    /// <summary>Looks through the descriptors of every process. Costs a walk over /proc: for refusals, not for every attach.</summary>
    public static NodeHolders Of(IProc proc, string node)
    {
        ArgumentNullException.ThrowIfNull(proc);
        var self = proc.ReadLink("self").Value;
        var open = new List<NodeHolder>();
        var withDevices = new List<NodeHolder>();
        var hidden = 0;
        foreach (var name in proc.List(string.Empty).Value ?? [])
        {
            if (!int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                continue;
            }

            var descriptors = proc.List($"{name}/fd");
            hidden += descriptors.Errno == Errno.EACCES ? 1 : 0;
            var links = (descriptors.Value ?? []).Select(descriptor => proc.ReadLink($"{name}/fd/{descriptor}").Value).ToHashSet();
            var kind = links.Contains(node) ? open : links.Contains(DeviceLink) ? withDevices : null;
            kind?.Add(new NodeHolder(number, proc.ReadText($"{name}/comm").Value?.Trim() ?? "?", name == self));
        }

        return new(node, Ordered(open), Ordered(withDevices), hidden);
    }

    private static List<NodeHolder> Ordered(List<NodeHolder> holders) => [.. holders.OrderBy(holder => holder.Process)];
}
