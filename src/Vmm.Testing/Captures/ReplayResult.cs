namespace Vmm.Testing.Captures;

/// <summary>What came of a replay.</summary>
/// <param name="Capture">What was replayed.</param>
/// <param name="Steps">The steps that were taken.</param>
/// <param name="Left">What was held when everything had been released, in words; null when nothing was.</param>
public sealed record ReplayResult(Capture Capture, IReadOnlyList<ReplayStep> Steps, string? Left);
