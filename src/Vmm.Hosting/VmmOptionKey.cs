namespace Vmm.Hosting;

/// <summary>One key of the configuration: what the file, the help and the checks say about it.</summary>
/// <param name="Name">The key, in camel case.</param>
/// <param name="Shape">What it takes, such as <c>true | false</c>.</param>
/// <param name="Sample">The value in <c>configs/vmm.json</c>, as JSON: the default, where the key has one.</param>
/// <param name="HasDefault">False for a key that must be written or is written for one kernel only.</param>
/// <param name="Meaning">One line on what it does.</param>
/// <param name="Set">Puts a value into the options; answers what is wrong and what is right, or null when it is taken.</param>
public sealed record VmmOptionKey(
    string Name,
    string Shape,
    string Sample,
    bool HasDefault,
    string Meaning,
    Func<VmmOptions, string, string?> Set);
