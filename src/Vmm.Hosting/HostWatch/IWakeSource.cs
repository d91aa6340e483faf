namespace Vmm.Hosting.HostWatch;

/// <summary>What the listener's thread waits on.</summary>
internal interface IWakeSource
{
    /// <summary>Blocks the calling thread until there is something to do.</summary>
    /// <param name="quiet">How long without an event is <see cref="Wake.Quiet"/>; null waits for ever.</param>
    Wake Wait(TimeSpan? quiet);
}
