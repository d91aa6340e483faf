using Vmm.Actors.AddressSpaces;
using Vmm.Actors.Hosts;

namespace Vmm.Testing.Scenarios.Running;

/// <summary>Events of the host and of windows as timelines and expectations write them.</summary>
internal static class EventText
{
    internal static string Of(HostProtocol.IHostEvent happened) => happened switch
    {
        HostProtocol.GroupChanged changed => Of(changed),
        HostProtocol.Lagged lagged => $"lagged: {lagged.Lost} events lost",
        _ => happened.ToString() ?? "",
    };

    internal static string Of(string space, WindowsProtocol.IWindowsEvent happened) => happened switch
    {
        WindowsProtocol.WindowsChanged changed => Of(space, changed),
        WindowsProtocol.Lagged lagged => $"windows of {space}: lagged, {lagged.Lost} events lost",
        _ => happened.ToString() ?? "",
    };

    private static string Of(string space, WindowsProtocol.WindowsChanged changed)
    {
        var device = changed.Device.Length == 0 ? "" : $" {changed.Device}";
        var lists = changed.Containers.Select(list => $", container {list.Container} generation {list.Generation}: {list.Windows}");
        var closed = changed.Closed.Select(container => $", container {container} closed");
        return $"windows of {space}: {changed.Cause}{device}, now {changed.Windows}{string.Concat(lists)}{string.Concat(closed)}";
    }

    private static string Of(HostProtocol.GroupChanged changed)
    {
        var device = changed.Device.Length == 0 ? "" : $" {changed.Device} (driver {changed.Driver ?? "none"})";
        var space = changed.Space is { } used ? $" in {used}" : "";
        var regions = changed.NewRegions.Count == 0 ? "" : $", new regions {string.Join(", ", changed.NewRegions.Select(region => $"{region.Range} {region.Kind}"))}";
        return $"group {changed.Group} {changed.Change}{device}: {changed.State}{space}{regions}";
    }
}
