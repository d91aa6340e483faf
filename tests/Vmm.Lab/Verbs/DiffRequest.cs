using Vmm.Lab.Histories;

namespace Vmm.Lab.Verbs;

/// <summary>What a differential run is asked.</summary>
/// <param name="Seed">Seed of the histories.</param>
/// <param name="Operations">Operations to run on both kernels, at least.</param>
/// <param name="Backend">What the histories are about.</param>
/// <param name="Replay">A history file to run in place of random ones; null for random ones.</param>
/// <param name="Json">One JSON document in place of text.</param>
/// <param name="EmulatedTwice">Two emulated kernels: the run tests itself.</param>
/// <param name="KeepGoing">How many differences to show before the run ends.</param>
/// <param name="From">Number of the first history: with that of a difference, it comes again at once.</param>
/// <param name="Counts">Count the answers of each operation.</param>
internal sealed record DiffRequest(ulong Seed, long Operations, Backend Backend, string? Replay, bool Json, bool EmulatedTwice, int KeepGoing, int From = 0, bool Counts = false);
