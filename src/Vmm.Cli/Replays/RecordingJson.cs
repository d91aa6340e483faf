using Vmm.Testing.Recordings;

namespace Vmm.Cli.Replays;

/// <summary>A line of JSON for what is replayed, for the difference where there is one, and for the result.</summary>
internal sealed class RecordingJson(TextWriter output) : IRecordingReport
{
    public void Show(RecordingResult result)
    {
        var recording = result.Recording;
        JsonOutput.WriteLine(output, new
        {
            Kind = "replay",
            recording.File,
            recording.Kernel,
            recording.Release,
            Emulated = recording.Personality,
            Lines = recording.WholeLines,
            Cut = recording.IsCut,
        });
        if (result.Difference is { } difference)
        {
            JsonOutput.WriteLine(output, new
            {
                Kind = "difference",
                difference.Line,
                difference.Number,
                difference.Call,
                difference.Arguments,
                difference.Recorded,
                difference.Emulated,
            });
        }

        JsonOutput.WriteLine(output, new { Kind = "result", recording.File, result.Passed, result.Calls, result.LeftOut });
    }
}
