using System.Text;

namespace Vmm.Hosting.HostWatch;

/// <summary>What a uevent is about, as far as a scan of the host cares.</summary>
/// <param name="Action"><c>add</c>, <c>remove</c>, <c>bind</c>, <c>unbind</c>, <c>change</c> and their like.</param>
/// <param name="Path">The device's directory below /sys, with a leading slash.</param>
/// <param name="Subsystem">Its bus or class; empty when the event names none.</param>
internal readonly record struct Uevent(string Action, string Path, string Subsystem)
{
    // KERNEL: IOMMU groups send no uevent; what changes them shows as an event of a bus or of vfio's two classes.
    private static readonly HashSet<string> Watched = new(StringComparer.Ordinal)
    {
        "pci", "platform", "amba", "cdx", "fsl-mc", "ap", "ccw", "mdev", "vfio", "vfio-dev", "iommu",
    };

    /// <summary>True when groups, drivers or VFIO's nodes may have changed with it. A changed parent of mediated devices says so by its state.</summary>
    public bool TouchesGroups { get; private init; }

    /// <summary>Reads a datagram: <c>ACTION@DEVPATH</c>, then <c>KEY=VALUE</c>, each ended by a zero byte.</summary>
    /// <returns>False when it has no such first line (udev's own messages begin otherwise).</returns>
    public static bool TryParse(ReadOnlySpan<byte> datagram, out Uevent uevent)
    {
        uevent = default;
        var fields = Encoding.UTF8.GetString(datagram).Split('\0', StringSplitOptions.RemoveEmptyEntries);
        var at = fields.Length == 0 ? -1 : fields[0].IndexOf('@', StringComparison.Ordinal);
        if (at <= 0)
        {
            return false;
        }

        var subsystem = ValueOf(fields, "SUBSYSTEM=") ?? "";
        uevent = new Uevent(fields[0][..at], fields[0][(at + 1)..], subsystem)
        {
            TouchesGroups = Watched.Contains(subsystem) || ValueOf(fields, "MDEV_STATE=") is not null,
        };
        return true;
    }

    private static string? ValueOf(string[] fields, string key) =>
        fields.FirstOrDefault(field => field.StartsWith(key, StringComparison.Ordinal))?[key.Length..];
}
