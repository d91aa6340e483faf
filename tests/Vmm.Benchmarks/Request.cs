using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Vmm.Benchmarks;

/// <summary>What the command line asks for.</summary>
/// <param name="Verb">What to do: a group of rows, or one of the others.</param>
/// <param name="Operands">What stands behind it.</param>
/// <param name="IsQuick">Short blocks.</param>
/// <param name="Json">The file to keep the results in, or null.</param>
/// <param name="Only">A part of the names of the rows to run, or null for all.</param>
internal sealed record Request(string Verb, IReadOnlyList<string> Operands, bool IsQuick, string? Json, string? Only)
{
    /// <summary>Runs every group.</summary>
    public const string All = "all";

    /// <summary>Compares two files.</summary>
    public const string Compare = "compare";

    /// <summary>Prints the names of the rows.</summary>
    public const string List = "list";

    /// <summary>Measures on this machine's own kernel.</summary>
    public const string Kernel = "kernel";

    /// <summary>Runs everything at once for minutes, with faults, and compares.</summary>
    public const string Soak = "soak";

    /// <summary>Prints the usage.</summary>
    public const string Help = "--help";

    /// <summary>Minutes of a soak, a backend.</summary>
    public int Minutes { get; init; } = 10;

    /// <summary>Where chance of a soak comes from.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Reads the arguments.</summary>
    /// <param name="arguments">As given.</param>
    /// <param name="groups">Names of the groups of rows.</param>
    /// <param name="request">What they ask for.</param>
    /// <param name="wrong">What is wrong with them, and what to do.</param>
    public static bool TryRead(IReadOnlyList<string> arguments, IReadOnlyList<string> groups, [NotNullWhen(true)] out Request? request, [NotNullWhen(false)] out string? wrong)
    {
        var (words, isQuick, values) = (new List<string>(), false, new Dictionary<string, string>());
        request = null;
        for (var at = 0; at < arguments.Count; at++)
        {
            var argument = arguments[at];
            if (argument is Help or "-h")
            {
                (request, wrong) = (new Request(Help, [], false, null, null), null);
                return true;
            }

            isQuick |= argument == "--quick";
            if (Wants(argument) is { } wanted)
            {
                if (at + 1 == arguments.Count || arguments[at + 1].StartsWith('-'))
                {
                    wrong = $"{argument}: wants {wanted} behind it";
                    return false;
                }

                values[argument] = arguments[++at];
            }
            else if (argument.StartsWith('-') && argument != "--quick")
            {
                wrong = $"{argument}: no such option; --help shows those there are";
                return false;
            }
            else if (argument != "--quick")
            {
                words.Add(argument);
            }
        }

        wrong = WhatIsWrong(words, isQuick, values, groups);
        request = wrong is null ? Of(words, isQuick, values) : null;
        return wrong is null;
    }

    /// <summary>What stands behind an option; null where nothing does.</summary>
    private static string? Wants(string argument) => argument switch
    {
        "--json" => "the file to write",
        "--only" => "a part of a row's name; the verb list shows them",
        "--minutes" => "a number of minutes, at least 1,",
        "--seed" => "a number, at least 0,",
        _ => null,
    };

    private static Request Of(List<string> words, bool isQuick, Dictionary<string, string> values)
    {
        var request = new Request(words[0], words[1..], isQuick, values.GetValueOrDefault("--json"), values.GetValueOrDefault("--only"));
        return request with { Minutes = NumberOf("--minutes", request.Minutes), Seed = NumberOf("--seed", request.Seed) };

        int NumberOf(string option, int otherwise) =>
            values.TryGetValue(option, out var value) ? int.Parse(value, NumberStyles.None, CultureInfo.InvariantCulture) : otherwise;
    }

    private static string? WhatIsWrongOfSoak(List<string> words, bool isQuick, Dictionary<string, string> values)
    {
        foreach (var (option, least) in new[] { ("--minutes", 1), ("--seed", 0) })
        {
            if (!values.TryGetValue(option, out var value))
            {
                continue;
            }

            if (words[0] != Soak)
            {
                return $"{option}: belongs to {Soak}; leave it out, or write {Soak} in place of {words[0]}";
            }

            if (!int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number < least)
            {
                return $"{option} {value}: wants a whole number, {least} to {int.MaxValue}";
            }
        }

        return words[0] == Soak && (isQuick || values.ContainsKey("--json"))
            ? $"{Soak}: has no figures to keep or to hurry; leave out {(isQuick ? "--quick" : "--json")}"
            : null;
    }

    private static string? WhatIsWrong(List<string> words, bool isQuick, Dictionary<string, string> values, IReadOnlyList<string> groups)
    {
        if (words.Count == 0)
        {
            return $"no verb; write one of {string.Join(", ", groups)}, {All}, {List}, {Compare}, {Kernel}, {Soak}; --help says more";
        }

        if (WhatIsWrongOfSoak(words, isQuick, values) is { } wrong)
        {
            return wrong;
        }

        if (values.Count > 0 && words[0] is Compare or List)
        {
            return $"{words[0]}: measures nothing, so {string.Join(" and ", values.Keys)} cannot be with it; leave it out";
        }

        return words switch
        {
            [Compare, _, _] or [Kernel, _, _, _, _] or [List or All or Soak] => null,
            [Compare, ..] => $"{Compare}: wants two files, the run before and the run after",
            [Kernel, ..] => $"{Kernel}: wants the C program, a PCI device, a second one and a mediated device",
            [var verb] when groups.Contains(verb) => null,
            [var verb, var more, ..] when groups.Contains(verb) || verb is All or List or Soak => $"{more}: too much; one verb at a time",
            _ => $"{words[0]}: no such verb; write one of {string.Join(", ", groups)}, {All}, {List}, {Compare}, {Kernel}, {Soak}",
        };
    }
}
