namespace Vmm.Lab.Histories;

/// <summary>
/// Histories from a seed: a pure function of seed, backend, machine and number. Most operations are likely to succeed, because
/// what was opened and mapped is remembered roughly; the rest is nearly right in every way there is.
/// </summary>
internal static class HistoryGenerator
{
    /// <summary>The history of that number.</summary>
    /// <param name="seed">The run's seed.</param>
    /// <param name="number">Which history of the run, from 0.</param>
    /// <param name="backend">What it is about.</param>
    /// <param name="shape">What the machine has.</param>
    /// <param name="length">About how many operations.</param>
    public static History Generate(ulong seed, int number, Backend backend, MachineShape shape, int length)
    {
        var draft = new Draft(new Dice(new Dice(seed + ((ulong)number * 0x1_0000_0001)).Next()), backend, shape);
        LifeCycleOperations.Begin(draft);
        var menu = MenuOf(backend);
        while (draft.Operations.Count < length)
        {
            draft.Dice.Weighted(menu)(draft);
        }

        LifeCycleOperations.End(draft);
        return new History(draft.Operations);
    }

    private static IReadOnlyList<(int Weight, Action<Draft> Write)> MenuOf(Backend backend) => backend switch
    {
        Backend.Iommufd => IommufdDrafts.Menu,
        Backend.NoIommu => [.. LifeCycleOperations.Menu, .. DeviceDrafts.Menu, (4, MappingDrafts.Map), (3, MappingDrafts.Unmap), (2, MappingDrafts.Info)],
        _ => [.. LifeCycleOperations.Menu, .. DeviceDrafts.Menu, .. MappingDrafts.Menu],
    };
}
