using Vmm.Cli.Drawing;
using Vmm.Testing.Recordings;

namespace Vmm.Cli.Replays;

/// <summary>What was replayed, the first difference where there is one, and a verdict.</summary>
internal sealed class RecordingText(CliConsole console) : IRecordingReport
{
    public void Show(RecordingResult result)
    {
        var recording = result.Recording;
        Write(
            ($"{recording.File}", Ink.Strong),
            ($", recorded on {(recording.Kernel == "linux" ? "Linux" : $"the {recording.Kernel} kernel")} {recording.Release}, replayed on the emulated Linux {recording.Personality}", Ink.Plain));
        if (recording.IsCut)
        {
            Write(($"  the last line is cut: the {recording.WholeLines:N0} whole lines are used", Ink.Plain));
        }

        if (result.Difference is { } difference)
        {
            Write(($"  line {difference.Line}, call {difference.Number}: {difference.Call} differs", Ink.Bad));
            Write(($"    arguments: {string.Join(' ', difference.Arguments.Select(field => $"{field.Key}={field.Value}"))}", Ink.Plain));
            Write(($"    recorded:  {difference.Recorded}", Ink.Plain));
            Write(($"    emulated:  {difference.Emulated}", Ink.Plain));
        }

        var name = Path.GetFileNameWithoutExtension(recording.File);
        var verdict = result.Difference is null ? $"equal, {ReplayWords.Calls(result.Calls)}" : $"differs at line {result.Difference.Line}";
        Write(($"{name}: {verdict}{(result.LeftOut == 0 ? "" : $" ({result.LeftOut:N0} more not compared)")}", result.Passed ? Ink.Good : Ink.Bad));
        Write();
    }

    private void Write(params (string Text, Ink Ink)[] pieces) => DrawnLineWriter.Write(console, [new DrawnLine(pieces)]);
}
