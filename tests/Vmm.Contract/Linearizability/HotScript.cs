namespace Vmm.Contract.Linearizability;

/// <summary>Writes what a thread of a history asks for. Pure: a seed and a number of the round give the same script.</summary>
public static class HotScript
{
    private static readonly HotOperationKind[] OfVcpus =
    [
        HotOperationKind.Map, HotOperationKind.Map, HotOperationKind.Map, HotOperationKind.Unmap, HotOperationKind.Unmap,
        HotOperationKind.Post, HotOperationKind.Clear, HotOperationKind.Ask,
    ];

    private static readonly HotOperationKind[] OfViews =
    [
        HotOperationKind.MapView, HotOperationKind.UnmapView, HotOperationKind.UnmapAll, HotOperationKind.Admit, HotOperationKind.Evict,
        HotOperationKind.SetHoles, HotOperationKind.SetHot, HotOperationKind.Ask, HotOperationKind.Map,
    ];

    /// <summary>Requests of one thread for one round.</summary>
    /// <param name="random">Where chance comes from.</param>
    /// <param name="isView">True for the one thread that changes views and members.</param>
    public static IReadOnlyList<HotOperation> Write(Random random, bool isView)
    {
        ArgumentNullException.ThrowIfNull(random);
        var kinds = isView ? OfViews : OfVcpus;
        var script = new List<HotOperation>();
        while (script.Count < 6)
        {
            var kind = kinds[random.Next(kinds.Length)];
            var operation = Place(random, kind);
            script.Add(operation);
            if (kind == HotOperationKind.Post)
            {
                // Neighbours more often than not, so that they are done together.
                script.Add(operation.First + operation.Pages < HotState.Pages
                    ? operation with { First = operation.First + operation.Pages, Pages = 1 }
                    : Place(random, kind));
            }
        }

        return script;
    }

    private static HotOperation Place(Random random, HotOperationKind kind)
    {
        var first = random.Next(HotState.Pages);
        var most = HotState.Pages - first;
        return kind switch
        {
            HotOperationKind.SetHot when random.Next(2) == 0 => new HotOperation(kind, 0, HotState.Pages),
            HotOperationKind.SetHot or HotOperationKind.Clear => new HotOperation(kind, first, 1 + random.Next(most)),
            HotOperationKind.SetHoles => new HotOperation(kind, first, random.Next(2)),
            _ => new HotOperation(kind, first, 1 + random.Next(Math.Min(most, 2))),
        };
    }
}
