namespace Vmm.Hosting.HostWatch;

/// <summary>Why a wait ended.</summary>
internal enum Wake
{
    /// <summary>A uevent waits.</summary>
    Readable,

    /// <summary>None came for the time given.</summary>
    Quiet,

    /// <summary>The listener is to end.</summary>
    Stopped,
}
