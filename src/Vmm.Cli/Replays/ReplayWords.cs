using Vmm.Testing.Captures;

namespace Vmm.Cli.Replays;

/// <summary>Steps of a capture in words.</summary>
internal static class ReplayWords
{
    /// <summary>What a step asks for.</summary>
    internal static string Asked(CaptureStep step) => step switch
    {
        CaptureStep.Attach attach => $"attach {attach.Device} to {attach.Space}",
        CaptureStep.View view => $"{view.Space} shows {view.Sections.Count:N0} sections",
        _ => step.Space,
    };

    /// <summary>What became of a step.</summary>
    internal static string Outcome(ReplayStep step) => step.Captured is CaptureStep.View ? "committed" : step.Refusal is null ? "attached" : "refused";

    /// <summary>A number of calls.</summary>
    internal static string Calls(int count) => count switch
    {
        0 => "no kernel call",
        1 => "1 kernel call",
        _ => $"{count:N0} kernel calls",
    };
}
