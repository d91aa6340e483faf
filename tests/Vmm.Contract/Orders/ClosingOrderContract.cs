using Vmm.Contract.Hosts;
using Vmm.Contract.Stories;

namespace Vmm.Contract.Orders;

/// <summary>
/// Device, BAR mapping, group and container are closed in each of the 24 orders. A table of answers, made once by a walk on the emulated
/// kernel, holds for both: what each close answers, what the others say afterwards, and when the group can be opened anew.
/// </summary>
public abstract class ClosingOrderContract
{
    private static readonly string[] Parts = ["d", "b", "g", "c"];
    private static readonly Lazy<IReadOnlyDictionary<string, IReadOnlyList<string>>> Table = new(Record);

    public static TheoryData<string> Orders => [.. Permutations(Parts).Select(order => string.Join(' ', order))];

    [SkippableTheory]
    [MemberData(nameof(Orders))]
    public void Every_order_of_closing_answers_as_the_table_says_and_leaves_nothing(string order)
    {
        ArgumentNullException.ThrowIfNull(order);
        using var host = CreateHost();
        var before = host.Held();
        Assert.Equal(Table.Value[order], Walk(host, order.Split(' ')));
        Assert.Equal(before, host.Held());
    }

    [SkippableFact]
    public void The_group_opens_anew_with_the_last_of_device_bar_and_group()
    {
        using var host = CreateHost();
        foreach (var order in Permutations(Parts))
        {
            var reopened = Walk(host, order).Where(line => line.StartsWith("group again lone", StringComparison.Ordinal)).Select(line => line.EndsWith("ok", StringComparison.Ordinal));
            var last = new[] { "d", "b", "g" }.Max(part => Array.IndexOf(order, part));
            Assert.Equal(Enumerable.Range(0, Parts.Length).Select(step => step >= last), reopened);
        }
    }

    /// <summary>The machine; skips the test where it has not what is needed.</summary>
    protected abstract IContractHost CreateHost();

    private static Dictionary<string, IReadOnlyList<string>> Record()
    {
        var table = new Dictionary<string, IReadOnlyList<string>>();
        foreach (var order in Permutations(Parts))
        {
            using var host = new EmulatedContractHost();
            table.Add(string.Join(' ', order), Walk(host, order));
        }

        return table;
    }

    private static List<string> Walk(IContractHost host, string[] order)
    {
        using var run = new StoryRun(host);
        foreach (var call in new[]
        {
            "container c", "group g lone", "memory m 1", "set-container g c", "set-iommu c 3", "map c iova=0x10000", "device d g lone", "bar b d",
        })
        {
            var answer = run.Play(StoryLine.Parse("opening", call));
            Assert.True(answer is "0" or "ok", $"{call}: {answer}");
        }

        var answers = new List<string>();
        foreach (var (step, part) in order.Index())
        {
            var open = order.Skip(step + 1).ToHashSet();
            answers.AddRange(Calls(part, open).Select(call => $"{call}: {run.Play(StoryLine.Parse(part, call))}"));
            if (answers[^1].EndsWith("ok", StringComparison.Ordinal))
            {
                answers.AddRange(Again.Select(call => $"{call}: {run.Play(StoryLine.Parse(part, call))}"));
            }
        }

        return answers;
    }

    /// <summary>Closes a part and asks what is still open how it is.</summary>
    private static IEnumerable<string> Calls(string part, HashSet<string> open) =>
    [
        part == "b" ? "unbar b" : $"close {part}",
        .. open.Contains("g") ? ["status g", "unset-container g"] : Array.Empty<string>(),
        .. open.IsSupersetOf(["g", "c"]) ? ["set-container g c"] : Array.Empty<string>(),
        .. open.Contains("c") ? ["map c iova=0x10000", "extension c 10"] : Array.Empty<string>(),
        "group again lone",
    ];

    private static string[] Again => ["status again", "container fresh", "set-container again fresh", "set-iommu fresh 3", "unset-container again", "close again", "close fresh"];

    private static IEnumerable<string[]> Permutations(string[] parts) => parts.Length <= 1
        ? [parts]
        : parts.SelectMany(first => Permutations([.. parts.Where(part => part != first)]).Select(rest => (string[])[first, .. rest]));
}
