using System.Collections.Frozen;
using Vmm.Lab.Histories;

namespace Vmm.Lab.Running;

/// <summary>Every operation by its name.</summary>
internal static class OperationTable
{
    private static readonly FrozenDictionary<string, Func<Side, Operation, Outcome>> Acts = new[]
    {
        ContainerOperations.All,
        GroupOperations.All,
        DeviceOperations.All,
        Type1Operations.All,
        IommufdOperations.All,
        CdevOperations.All,
    }.SelectMany(table => table).ToFrozenDictionary();

    /// <summary>The names, in order.</summary>
    public static IEnumerable<string> Names => Acts.Keys.Order(StringComparer.Ordinal);

    /// <summary>True for an operation that is known.</summary>
    public static bool Has(string name) => Acts.ContainsKey(name);

    /// <summary>Does an operation on one side.</summary>
    public static Outcome Run(Side side, Operation operation) => Acts[operation.Name](side, operation);
}
