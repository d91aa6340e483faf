namespace Vmm.Actors;

/// <summary>What a commit did, over all containers of the space.</summary>
/// <param name="Generation">Number of the view; grows by one with each commit.</param>
/// <param name="Mapped">Mappings made.</param>
/// <param name="Unmapped">Mappings removed.</param>
/// <param name="Churn">Bytes of RAM unmapped and mapped again although host byte and access stayed.</param>
/// <param name="Skipped">Sections left out, and why.</param>
/// <param name="Holes">RAM that could not be mapped, or a removal that failed: each a line naming container, range and errno. Empty when all went well.</param>
public sealed record ViewReport(
    long Generation,
    int Mapped,
    int Unmapped,
    UInt128 Churn,
    IReadOnlyList<SkippedSection> Skipped,
    IReadOnlyList<string> Holes);
