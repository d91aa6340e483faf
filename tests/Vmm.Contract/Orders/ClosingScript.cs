using Vmm.Contract.Hosts;
using Vmm.Contract.Stories;

namespace Vmm.Contract.Orders;

/// <summary>Things that are opened one way and closed in every order, in the words of stories.</summary>
/// <param name="file">
/// The file in Data with a line for each order: <c>a b | a: 0 ENOENT; b: 0</c> is part a with the answers of its calls, then part b.
/// </param>
/// <param name="opening">The calls that open everything; each succeeds.</param>
/// <param name="parts">What is closed, by name.</param>
/// <param name="calls">The calls that close a part and ask what is still open, given by name, how it is; the last one opens the group anew.</param>
/// <param name="again">The calls that use what was opened anew, and close it.</param>
internal sealed class ClosingScript(string file, string[] opening, string[] parts, Func<string, IReadOnlySet<string>, IEnumerable<string>> calls, string[] again)
{
    /// <summary>Every order of the parts, their names with blanks between.</summary>
    public IEnumerable<string> Orders => Permutations(parts).Select(order => string.Join(' ', order));

    /// <summary>Opens everything, closes it in an order, and fails where a call answers otherwise than the file says.</summary>
    public void Check(IContractHost host, string order)
    {
        var before = host.Held();
        var told = new List<string>();
        var line = Walk(host, order.Split(' '), told);
        var wanted = File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Data", file)).SingleOrDefault(one => one.StartsWith($"{order} | ", StringComparison.Ordinal));
        Assert.True($"{order} | {line}" == wanted, $"{file}: wanted\n{wanted}\n{host.Kernel.Name} answered\n{order} | {line}\n{string.Join('\n', told)}");
        Assert.Equal(before, host.Held());
    }

    private static IEnumerable<string[]> Permutations(string[] of) => of.Length <= 1
        ? [of]
        : of.SelectMany(first => Permutations([.. of.Where(part => part != first)]).Select(rest => (string[])[first, .. rest]));

    /// <summary>The answers as a line of the file; <paramref name="told"/> gets them with their calls.</summary>
    private string Walk(IContractHost host, string[] order, List<string> told)
    {
        using var run = new StoryRun(host);
        foreach (var call in opening)
        {
            var answer = run.Play(StoryLine.Parse("opening", call));
            Assert.True(answer is "0" or "ok", $"{call}: {answer}");
        }

        var steps = new List<string>();
        foreach (var (step, part) in order.Index())
        {
            var answers = Play(run, calls(part, order.Skip(step + 1).ToHashSet()), told);
            if (answers[^1] == "ok")
            {
                answers.AddRange(Play(run, again, told));
            }

            steps.Add($"{part}: {string.Join(' ', answers)}");
        }

        return string.Join("; ", steps);
    }

    private static List<string> Play(StoryRun run, IEnumerable<string> calls, List<string> told)
    {
        var answers = new List<string>();
        foreach (var call in calls)
        {
            answers.Add(run.Play(StoryLine.Parse(call, call)));
            told.Add($"{call} => {answers[^1]}");
        }

        return answers;
    }
}
