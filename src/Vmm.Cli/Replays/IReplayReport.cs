using Vmm.Testing.Captures;

namespace Vmm.Cli.Replays;

/// <summary>Shows a replay while it runs.</summary>
internal interface IReplayReport
{
    /// <summary>A replay begins.</summary>
    void Begin(Capture capture, string host);

    /// <summary>A step is done.</summary>
    void Step(ReplayStep step);

    /// <summary>The replay is done, and everything is released.</summary>
    void End(ReplayResult result);
}
