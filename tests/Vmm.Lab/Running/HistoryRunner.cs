using System.Globalization;
using Vmm.Lab.Histories;

namespace Vmm.Lab.Running;

/// <summary>Runs histories on two kernels, step by step.</summary>
/// <param name="open">Makes two sides in fresh state.</param>
internal sealed class HistoryRunner(Func<Bench> open)
{
    /// <summary>Operations that were run on both sides so far.</summary>
    public long Operations { get; private set; }

    /// <summary>Runs a history up to the first difference.</summary>
    /// <param name="history">The history.</param>
    /// <param name="seen">Hears each operation with both answers; null for nobody.</param>
    /// <returns>The difference, or null.</returns>
    public Difference? Run(History history, Action<Operation, Outcome, Outcome>? seen = null)
    {
        using var bench = open();
        try
        {
            for (var at = 0; at < history.Operations.Count; at++)
            {
                var operation = history.Operations[at];
                var first = OperationTable.Run(bench.First, operation);
                var second = OperationTable.Run(bench.Second, operation);
                Operations++;
                seen?.Invoke(operation, first, second);
                if (!first.IsSameAs(second))
                {
                    return new Difference(at, operation, first.ToString(), second.ToString());
                }
            }
        }
        finally
        {
            bench.First.Release();
            bench.Second.Release();
        }

        return LeftBehind(bench, history.Operations.Count);
    }

    private static Difference? LeftBehind(Bench bench, int at)
    {
        var (first, second) = (bench.First.Limits.LeftBehind(), bench.Second.Limits.LeftBehind());
        return first is null && second is null
            ? null
            : new Difference(at, null, string.Create(CultureInfo.InvariantCulture, $"left: {first ?? "nothing"}"), $"left: {second ?? "nothing"}");
    }
}
