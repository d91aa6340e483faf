namespace Vmm.Testing.Recordings;

/// <summary>What a replay of a recording came to.</summary>
/// <param name="Recording">The recording.</param>
/// <param name="Calls">Calls that were made again and compared.</param>
/// <param name="LeftOut">Calls that were not: what sysfs and uevents said, and nodes that are not VFIO's.</param>
/// <param name="Difference">The first difference, at which it ended; null where there is none.</param>
public sealed record RecordingResult(Recording Recording, int Calls, int LeftOut, RecordingDifference? Difference)
{
    /// <summary>True when every answer was the recorded one.</summary>
    public bool Passed => Difference is null;
}
