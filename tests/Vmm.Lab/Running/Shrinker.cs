using Vmm.Lab.Histories;

namespace Vmm.Lab.Running;

/// <summary>Makes a history that shows a difference as small as it can be while it still shows the same one.</summary>
/// <param name="runner">Runs each try in fresh state.</param>
/// <param name="mostTries">Tries after which it is left as it is.</param>
internal sealed class Shrinker(HistoryRunner runner, int mostTries = 4000)
{
    private int _tries;

    /// <summary>Drops operations in ever smaller pieces, then makes arguments simpler, until neither helps.</summary>
    public (History History, Difference Difference) Shrink(History history, Difference difference)
    {
        var operations = history.Operations.Take(difference.At + 1).ToList();
        var best = difference;
        int before;
        do
        {
            before = _tries;
            operations = Drop(operations, ref best, out var dropped);
            operations = Simplify(operations, ref best, out var simplified);
            if (!dropped && !simplified)
            {
                break;
            }
        }
        while (_tries < mostTries && _tries > before);

        return (new History(operations), best);
    }

    private List<Operation> Drop(List<Operation> operations, ref Difference best, out bool any)
    {
        any = false;
        for (var piece = Math.Max(1, operations.Count / 2); piece >= 1; piece /= 2)
        {
            for (var start = 0; start < operations.Count;)
            {
                var tried = operations.Take(start).Concat(operations.Skip(start + piece)).ToList();
                if (tried.Count < operations.Count && Shows(tried, ref best))
                {
                    operations = tried.Take(best.At + 1).ToList();
                    any = true;
                }
                else
                {
                    start += piece;
                }
            }
        }

        return operations;
    }

    private List<Operation> Simplify(List<Operation> operations, ref Difference best, out bool any)
    {
        any = false;
        for (var at = 0; at < operations.Count; at++)
        {
            for (var argument = 0; argument < operations[at].Arguments.Count; argument++)
            {
                foreach (var simpler in SimplerThan(operations[at].Arguments[argument]))
                {
                    var tried = operations.ToList();
                    tried[at] = operations[at].With(argument, simpler);
                    if (Shows(tried, ref best))
                    {
                        operations = tried.Take(best.At + 1).ToList();
                        any = true;
                        break;
                    }
                }

                if (at >= operations.Count)
                {
                    break;
                }
            }
        }

        return operations;
    }

    private static IEnumerable<ulong> SimplerThan(KeyValuePair<string, ulong> argument)
    {
        if (Operation.IsHandle(argument.Key))
        {
            var handle = Handle.Of(argument.Value);
            return handle.Slot > 0 ? [(handle with { Slot = 0 }).Number] : [];
        }

        return new[] { 0UL, 1UL, 3UL, 24UL, 32UL, 0x1000UL, 0x2000UL, 0x10_0000UL, argument.Value / 2 & ~0xfffUL }
            .Where(value => value < argument.Value);
    }

    private bool Shows(List<Operation> operations, ref Difference best)
    {
        if (_tries >= mostTries)
        {
            return false;
        }

        _tries++;
        if (runner.Run(new History(operations)) is { } found && found.IsLike(best))
        {
            best = found;
            return true;
        }

        return false;
    }
}
