namespace Vmm.Contract.Linearizability;

/// <summary>One request of a history, on a few pages.</summary>
/// <param name="Kind">What it does.</param>
/// <param name="First">The first page.</param>
/// <param name="Pages">How many pages.</param>
public readonly record struct HotOperation(HotOperationKind Kind, int First, int Pages)
{
    /// <summary>The pages as bits.</summary>
    public int Bits => ((1 << Pages) - 1) << First;

    public override string ToString() => $"{Kind} {First}+{Pages}";
}
