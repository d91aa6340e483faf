using Vmm.Lab.Histories;

namespace Vmm.Lab.Running;

/// <summary>
/// Runs histories on two kernels, step by step. The sides are used again while nothing differs and nothing is left behind;
/// after a difference, fresh ones are made.
/// </summary>
/// <param name="open">Makes two sides in fresh state.</param>
internal sealed class HistoryRunner(Func<Bench> open) : IDisposable
{
    private Bench? _bench;

    /// <summary>Operations that were run on both sides so far.</summary>
    public long Operations { get; private set; }

    /// <summary>Runs a history up to the first difference.</summary>
    /// <param name="history">The history.</param>
    /// <param name="seen">Hears each operation with both answers; null for nobody.</param>
    /// <returns>The difference, or null.</returns>
    public Difference? Run(History history, Action<Operation, Outcome, Outcome>? seen = null) => Run(new HistoryReader(history), seen);

    /// <summary>Runs a history up to the first difference, while it is written or read.</summary>
    /// <param name="history">Where it comes from.</param>
    /// <param name="seen">Hears each operation with both answers; null for nobody.</param>
    /// <returns>The difference, or null.</returns>
    public Difference? Run(IHistorySource history, Action<Operation, Outcome, Outcome>? seen = null)
    {
        var bench = _bench ??= open();
        var before = Operations;
        var difference = Compare(bench, history, seen);
        bench.First.Release();
        bench.Second.Release();
        difference ??= LeftBehind(bench, (int)(Operations - before));
        if (difference is not null)
        {
            Dispose();
        }

        return difference;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _bench?.Dispose();
        _bench = null;
    }

    private Difference? Compare(Bench bench, IHistorySource history, Action<Operation, Outcome, Outcome>? seen)
    {
        for (var at = 0; history.Next() is { } operation; at++)
        {
            var first = Answer(bench.First, operation);
            var second = Answer(bench.Second, operation);
            Operations++;
            seen?.Invoke(operation, first, second);
            if (!first.IsSameAs(second))
            {
                return new Difference(at, operation, first.ToString(), second.ToString());
            }

            history.Hear(operation, first);
        }

        return null;
    }

    /// <summary>An emulated kernel that throws is wrong like one that answers something else.</summary>
    private static Outcome Answer(Side side, Operation operation)
    {
        try
        {
            return OperationTable.Run(side, operation);
        }
        catch (Exception failure) when (failure is ArithmeticException or ArgumentException or InvalidOperationException or IndexOutOfRangeException or NullReferenceException or IOException)
        {
            return Outcome.Threw(failure);
        }
    }

    private static Difference? LeftBehind(Bench bench, int at)
    {
        var (first, second) = (bench.First.Limits.LeftBehind(), bench.Second.Limits.LeftBehind());
        return first is null && second is null ? null : new Difference(at, null, $"left: {first ?? "nothing"}", $"left: {second ?? "nothing"}");
    }
}
