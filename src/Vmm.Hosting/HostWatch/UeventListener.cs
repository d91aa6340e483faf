using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;

namespace Vmm.Hosting.HostWatch;

/// <summary>
/// Reads uevents and asks for one scan when a burst of them is over. Runs on a thread of its own, which waits for the
/// kernel and for nothing else.
/// </summary>
/// <param name="uevents">The kernel's uevents.</param>
/// <param name="descriptor">From <see cref="IUevents.Listen"/>.</param>
/// <param name="wakes">What to wait on.</param>
/// <param name="quiet">How long without an event ends a burst.</param>
/// <param name="scan">Asks for a scan; must not block.</param>
internal sealed class UeventListener(IUevents uevents, int descriptor, IWakeSource wakes, TimeSpan quiet, Action<RescanReason> scan)
{
    /// <summary>Wakes in one burst after which a scan is asked for although events still come.</summary>
    internal const int LongestBurst = 64;

    private const int BufferBytes = 8192;

    private readonly byte[] _buffer = new byte[BufferBytes];
    private RescanReason? _pending;
    private int _wakesInBurst;

    /// <summary>Listens until stopped.</summary>
    /// <exception cref="IommuException">The kernel answered with something that no later call mends.</exception>
    public void Run()
    {
        while (true)
        {
            switch (wakes.Wait(_pending is null ? null : quiet))
            {
                case Wake.Stopped:
                    return;
                case Wake.Quiet:
                    Ask();
                    break;
                default:
                    Drain();
                    if (_pending is not null && ++_wakesInBurst >= LongestBurst)
                    {
                        Ask();
                    }

                    break;
            }
        }
    }

    private void Drain()
    {
        while (true)
        {
            var received = uevents.Receive(descriptor, _buffer);
            if (received.IsOk)
            {
                if (Uevent.TryParse(_buffer.AsSpan(0, (int)received.Value), out var uevent) && uevent.TouchesGroups)
                {
                    _pending ??= RescanReason.DeviceChanged;
                }
            }
            else if (received.Errno == Errno.ENOBUFS)
            {
                _pending = RescanReason.EventsLost;
            }
            else if (received.Errno == Errno.EAGAIN)
            {
                return;
            }
            else if (received.Errno != Errno.EINTR)
            {
                throw new IommuException("recv", "the uevent descriptor", received.Errno, "The host is not watched any more; restart to watch it.");
            }
        }
    }

    private void Ask()
    {
        if (_pending is { } reason)
        {
            _pending = null;
            _wakesInBurst = 0;
            scan(reason);
        }
    }
}
