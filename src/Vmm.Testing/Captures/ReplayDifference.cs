namespace Vmm.Testing.Captures;

/// <summary>Where a replay departs from the capture.</summary>
/// <param name="Step">Index of the step, from 0.</param>
/// <param name="What">What differs: <c>call 3</c> of the step, counted from 1, or the outcome.</param>
/// <param name="Expected">What the capture has; null where it has nothing more.</param>
/// <param name="Ours">What was made of it here; null where there is nothing more.</param>
public sealed record ReplayDifference(int Step, string What, string? Expected, string? Ours);
