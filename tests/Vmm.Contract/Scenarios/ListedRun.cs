using Vmm.Actors;

namespace Vmm.Contract.Scenarios;

/// <summary>
/// A line of Data/scenarios.txt: a shipped scenario, the path that devices are opened by, in which guests of the lab, and what comes of it.
/// <c>FILE BACKEND GUEST,… passes [DEVICE=DEVICE,…]</c>, or <c>FILE BACKEND GUEST,… skipped WHY</c>; <c>*</c> is every guest that no other line names; a guest without a line does not make the run.
/// </summary>
internal sealed record ListedRun(string File, string Backend, IReadOnlyList<string> Guests, string? Skipped, IReadOnlyDictionary<string, string> Map)
{
    private const string Name = "scenarios.txt";

    /// <summary>The path; <c>own</c> is what the scenario itself says.</summary>
    public BackendChoice? Choice => Backend == "own" ? null : Enum.Parse<BackendChoice>(Backend, ignoreCase: true);

    /// <summary>All lines.</summary>
    /// <exception cref="FormatException">Says file and line.</exception>
    public static IReadOnlyList<ListedRun> ReadAll() =>
    [
        .. System.IO.File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Data", Name))
            .Select((line, index) => (Text: line.Split('#')[0].Trim(), Number: index + 1))
            .Where(line => line.Text.Length > 0)
            .Select(line => Parse(line.Text, line.Number)),
    ];

    /// <summary>The line that holds in a guest; null where there is none.</summary>
    public static ListedRun? Of(IEnumerable<ListedRun> lines, string file, string backend, string guest)
    {
        var named = lines.Where(line => line.File == file && line.Backend == backend).ToList();
        return named.Find(line => line.Guests.Contains(guest)) ?? named.Find(line => line.Guests is ["*"]);
    }

    private static ListedRun Parse(string text, int number)
    {
        var words = text.Split(' ', 5, StringSplitOptions.RemoveEmptyEntries);
        return words switch
        {
            [var file, var backend, var guests, "passes"] => new(file, backend, guests.Split(','), null, new Dictionary<string, string>()),
            [var file, var backend, var guests, "passes", var map] => new(file, backend, guests.Split(','), null, map.Trim().Split(',').Select(pair => pair.Split('=')).ToDictionary(pair => pair[0], pair => pair[1])),
            [var file, var backend, var guests, "skipped", var why] => new(file, backend, guests.Split(','), why.Trim(), new Dictionary<string, string>()),
            _ => throw new FormatException($"{Name}:{number}: '{text}' is no line; write FILE BACKEND GUESTS passes|skipped …"),
        };
    }
}
