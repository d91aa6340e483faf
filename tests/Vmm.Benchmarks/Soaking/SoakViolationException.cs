namespace Vmm.Benchmarks.Soaking;

/// <summary>Something that always holds did not.</summary>
internal sealed class SoakViolationException(string words) : Exception(words);
