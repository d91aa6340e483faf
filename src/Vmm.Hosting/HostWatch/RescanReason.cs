namespace Vmm.Hosting.HostWatch;

/// <summary>Why the host is scanned again.</summary>
internal enum RescanReason
{
    /// <summary>Listening has begun: what changed before is found by a full scan.</summary>
    Started,

    /// <summary>A device came, went, or has another driver.</summary>
    DeviceChanged,

    /// <summary>The kernel dropped uevents; only a scan tells what they said.</summary>
    EventsLost,
}
