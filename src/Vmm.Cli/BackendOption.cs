using System.CommandLine;
using Vmm.Actors;

namespace Vmm.Cli;

/// <summary><c>--backend</c>: the option of verbs that open devices.</summary>
internal static class BackendOption
{
    /// <summary>The option; null where it is not given.</summary>
    /// <param name="description">What it decides.</param>
    public static Option<string?> Create(string description)
    {
        var option = new Option<string?>("--backend") { Description = description, HelpName = "BACKEND" };
        option.AcceptOnlyFromAmong("auto", "type1", "iommufd");
        return option;
    }

    /// <summary>The choice that was given; null for none.</summary>
    public static BackendChoice? Of(string? text) => text is null ? null : Enum.Parse<BackendChoice>(text, ignoreCase: true);
}
