using Vmm.Iommu.Kernel;
using Vmm.Testing.Emulation;
using Vmm.Testing.Emulation.Sysfs;

namespace Vmm.Testing.Recordings;

/// <summary>
/// Sees that a host has changed since the call before: by uevents of its own, and whenever the groups are listed, for what sends none.
/// Thread-safe.
/// </summary>
internal sealed class HostWatch : IDisposable
{
    private const string ScanBegins = "kernel/iommu_groups";
    private readonly HostKernel _kernel;
    private readonly Action<SysfsTree> _changed;
    private readonly Lock _gate = new();
    private readonly byte[] _event = new byte[8192];
    private int _listener;
    private byte[] _known;

    /// <summary>Begins to watch. Where uevents cannot be had, only the lists are left.</summary>
    /// <param name="kernel">The kernel behind the recorder.</param>
    /// <param name="host">The host as the recording has it.</param>
    /// <param name="changed">Told of each host that is another.</param>
    public HostWatch(HostKernel kernel, SysfsTree host, Action<SysfsTree> changed)
    {
        _kernel = kernel;
        _changed = changed;
        _known = SysfsJson.Bytes(host);
        var listening = kernel.Uevents.Listen();
        _listener = listening.IsOk ? listening.Descriptor : -1;
    }

    /// <summary>Before a call: takes the host anew where something was heard of it.</summary>
    public void Look()
    {
        lock (_gate)
        {
            var heard = false;
            while (_listener >= 0 && _kernel.Uevents.Receive(_listener, _event) is var received && (received.IsOk || received.Errno == Iommu.Results.Errno.ENOBUFS))
            {
                heard = true;
            }

            if (heard)
            {
                Take();
            }
        }
    }

    /// <summary>Before a directory is listed: a scan of the host begins with its groups.</summary>
    public void LookBeforeList(string path)
    {
        if (path != ScanBegins)
        {
            return;
        }

        lock (_gate)
        {
            Take();
        }
    }

    /// <summary>Ends listening.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_listener >= 0)
            {
                _kernel.Uevents.Close(_listener);
            }

            _listener = -1;
        }
    }

    /// <summary>False in the middle of a change, when links already lead nowhere: the event that ends the change brings us back.</summary>
    private static bool IsWhole(SysfsTree host)
    {
        try
        {
            RecordedHost.Load("sysfs", host);
            return true;
        }
        catch (HostLoadException)
        {
            return false;
        }
    }

    private void Take()
    {
        var host = new SysfsTaking(_kernel.Sysfs).Take();
        var text = SysfsJson.Bytes(host);
        if (!text.AsSpan().SequenceEqual(_known) && IsWhole(host))
        {
            _known = text;
            _changed(host);
        }
    }
}
