using Vmm.Contract.Hosts;
using Vmm.Contract.Stories;

namespace Vmm.Contract.Orders;

/// <summary>Things that are opened one way and closed in every order, in the words of stories.</summary>
/// <param name="opening">The calls that open everything; each succeeds.</param>
/// <param name="parts">What is closed, by name.</param>
/// <param name="calls">The calls that close a part and ask what is still open, given by name, how it is; the last one opens the device anew.</param>
/// <param name="again">The calls that use what was opened anew, and close it.</param>
internal sealed class ClosingScript(string[] opening, string[] parts, Func<string, IReadOnlySet<string>, IEnumerable<string>> calls, string[] again)
{
    private readonly Lock _gate = new();
    private Dictionary<string, IReadOnlyList<string>>? _table;

    /// <summary>Every order of the parts, their names with blanks between.</summary>
    public IEnumerable<string> Orders => Permutations(parts).Select(order => string.Join(' ', order));

    /// <summary>The answers of an order on the emulated kernel, which are the table for every kernel.</summary>
    public IReadOnlyList<string> Wanted(string order)
    {
        lock (_gate)
        {
            return (_table ??= Orders.ToDictionary(each => each, Record))[order];
        }
    }

    /// <summary>Opens everything, closes it in an order, and says what each call answered.</summary>
    public IReadOnlyList<string> Walk(IContractHost host, string order)
    {
        using var run = new StoryRun(host);
        foreach (var call in opening)
        {
            var answer = run.Play(StoryLine.Parse("opening", call));
            Assert.True(answer is "0" or "ok", $"{call}: {answer}");
        }

        var answers = new List<string>();
        var closing = order.Split(' ');
        foreach (var (step, part) in closing.Index())
        {
            answers.AddRange(Play(run, part, calls(part, closing.Skip(step + 1).ToHashSet())));
            if (IsOpened(answers[^1]))
            {
                answers.AddRange(Play(run, part, again));
            }
        }

        return answers;
    }

    /// <summary>Of each step of an order, whether the device opens anew after it, on the given host.</summary>
    public IEnumerable<bool> Reopened(IContractHost host, string order)
    {
        var call = calls(parts[0], new HashSet<string>()).Last();
        return Walk(host, order).Where(line => line.StartsWith($"{call}:", StringComparison.Ordinal)).Select(IsOpened);
    }

    private static bool IsOpened(string answer) => answer.EndsWith(": ok", StringComparison.Ordinal);

    private static IEnumerable<string> Play(StoryRun run, string part, IEnumerable<string> calls) =>
        calls.Select(call => $"{call}: {run.Play(StoryLine.Parse(part, call))}");

    private static IEnumerable<string[]> Permutations(string[] of) => of.Length <= 1
        ? [of]
        : of.SelectMany(first => Permutations([.. of.Where(part => part != first)]).Select(rest => (string[])[first, .. rest]));

    private IReadOnlyList<string> Record(string order)
    {
        using var host = new EmulatedContractHost();
        return Walk(host, order);
    }
}
