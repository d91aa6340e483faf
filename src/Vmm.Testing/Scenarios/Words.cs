namespace Vmm.Testing.Scenarios;

/// <summary>How scenarios and timelines write things.</summary>
internal static class Words
{
    internal static string Of(StepOutcome outcome) => outcome == StepOutcome.DmaFault ? "dma-fault" : outcome.ToString().ToLowerInvariant();
}
