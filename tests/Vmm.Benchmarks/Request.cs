using System.Diagnostics.CodeAnalysis;

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

    /// <summary>Prints the usage.</summary>
    public const string Help = "--help";

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
            if (argument is "--json" or "--only")
            {
                if (at + 1 == arguments.Count || arguments[at + 1].StartsWith('-'))
                {
                    wrong = $"{argument}: wants {(argument == "--json" ? "the file to write" : "a part of a row's name; the verb list shows them")} behind it";
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

        wrong = WhatIsWrong(words, values, groups);
        request = wrong is null ? new Request(words[0], words[1..], isQuick, values.GetValueOrDefault("--json"), values.GetValueOrDefault("--only")) : null;
        return wrong is null;
    }

    private static string? WhatIsWrong(List<string> words, Dictionary<string, string> values, IReadOnlyList<string> groups)
    {
        if (words.Count == 0)
        {
            return $"no verb; write one of {string.Join(", ", groups)}, {All}, {List}, {Compare}, {Kernel}; --help says more";
        }

        if (values.Count > 0 && words[0] is Compare or List)
        {
            return $"{words[0]}: measures nothing, so {string.Join(" and ", values.Keys)} cannot be with it; leave it out";
        }

        return words switch
        {
            [Compare, _, _] or [Kernel, _, _, _] or [List or All] => null,
            [Compare, ..] => $"{Compare}: wants two files, the run before and the run after",
            [Kernel, ..] => $"{Kernel}: wants the C program, a PCI device and a mediated device",
            [var verb] when groups.Contains(verb) => null,
            [var verb, var more, ..] when groups.Contains(verb) || verb is All or List => $"{more}: too much; one verb at a time",
            _ => $"{words[0]}: no such verb; write one of {string.Join(", ", groups)}, {All}, {List}, {Compare}, {Kernel}",
        };
    }
}
