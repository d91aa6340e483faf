namespace Vmm.Testing.Scenarios.Machines;

/// <summary>What became of a device's access.</summary>
/// <param name="Outcome">Done, stopped by the IOMMU, or skipped because this machine's device cannot do it.</param>
/// <param name="Words">One line for a person.</param>
internal readonly record struct DmaAnswer(StepOutcome Outcome, string Words)
{
    internal static DmaAnswer Skipped(string why) => new(StepOutcome.Skipped, why);
}
