namespace Vmm.Testing.Emulation;

/// <summary>Numbers uevents and hands each to every listener. Guarded by the host's gate.</summary>
internal sealed class UeventHub
{
    private readonly List<UeventQueue> _listeners = [];
    private ulong _sequence;

    public void Add(UeventQueue listener) => _listeners.Add(listener);

    public void Remove(UeventQueue listener) => _listeners.Remove(listener);

    public void Device(string action, EmulatedDevice device)
    {
        // KERNEL: DRIVER is there while a driver is bound; an unbind shows neither it nor MODALIAS.
        var driver = device.Driver is { } bound ? [$"DRIVER={bound}"] : Array.Empty<string>();
        Send(action, device.Path, device.Bus, driver.Concat(device.BusKeys(withModalias: action != "unbind")));
    }

    public void Node(string action, string path, string subsystem, int major, int minor, string node) =>
        Send(action, path, subsystem, [$"MAJOR={major}", $"MINOR={minor}", $"DEVNAME={node}"]);

    /// <summary>A device of a class that has no node.</summary>
    public void Nodeless(string action, string path, string subsystem) => Send(action, path, subsystem, []);

    private void Send(string action, string path, string subsystem, IEnumerable<string> keys)
    {
        var message = Uevent.Bytes(action, path, subsystem, keys, ++_sequence);
        foreach (var listener in _listeners)
        {
            listener.Post(message);
        }
    }
}
