namespace Vmm.Cli;

/// <summary>Which host a verb is about: this one, or a captured one behind an emulated kernel.</summary>
/// <param name="EmulatedPath">A directory or tar.gz of a captured sysfs; null for the host this runs on.</param>
internal sealed record HostSpec(string? EmulatedPath)
{
    /// <summary>How a host is written.</summary>
    public const string Shape = "linux | emulated:PATH";

    private const string Prefix = "emulated:";

    /// <summary>Reads <c>linux</c> or <c>emulated:PATH</c>.</summary>
    /// <param name="text">What was written.</param>
    /// <param name="wrong">What is wrong and what is right, where the answer is null.</param>
    public static HostSpec? TryParse(string text, out string? wrong)
    {
        wrong = null;
        if (text == "linux")
        {
            return new HostSpec((string?)null);
        }

        if (text.StartsWith(Prefix, StringComparison.Ordinal) && text.Length > Prefix.Length)
        {
            return new HostSpec(text[Prefix.Length..]);
        }

        wrong = text == Prefix || text == "emulated"
            ? $"--host {text}: names no captured host; write emulated:configs/hosts/q35-vtd.tar.gz"
            : $"--host {text}: is neither linux nor emulated:PATH; write one of them, such as emulated:configs/hosts/q35-vtd.tar.gz";
        return null;
    }

    /// <summary>The spec as it is written.</summary>
    public override string ToString() => EmulatedPath is null ? "linux" : Prefix + EmulatedPath;
}
