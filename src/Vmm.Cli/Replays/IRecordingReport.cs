using Vmm.Testing.Recordings;

namespace Vmm.Cli.Replays;

/// <summary>Shows what a replay of a recording came to.</summary>
internal interface IRecordingReport
{
    /// <summary>The replay is done.</summary>
    void Show(RecordingResult result);
}
