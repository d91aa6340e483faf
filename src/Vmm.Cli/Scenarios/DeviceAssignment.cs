namespace Vmm.Cli.Scenarios;

/// <summary>Reads <c>--map</c>: which device of this machine stands for which device of a scenario.</summary>
internal static class DeviceAssignment
{
    private const string Form = "write DEVICE=DEVICE with commas between, the scenario's first, such as 0000:01:00.0=0000:05:00.0";

    /// <exception cref="CliException">It is not as it should be.</exception>
    internal static IReadOnlyDictionary<string, string> Of(string? text)
    {
        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in (text ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var sides = pair.Split('=', StringSplitOptions.TrimEntries);
            if (sides is not [{ Length: > 0 } ours, { Length: > 0 } theirs])
            {
                throw new CliException($"--map {pair}: is no pair of devices; {Form}");
            }

            if (map.ContainsValue(theirs) || !map.TryAdd(ours, theirs))
            {
                throw new CliException($"--map {pair}: one of both is in it already; name each device once");
            }
        }

        return text is not null && map.Count == 0 ? throw new CliException($"--map: names no device; {Form}") : map;
    }
}
