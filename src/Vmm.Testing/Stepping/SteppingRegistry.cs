using System.Collections.Concurrent;
using Akka.Configuration;

namespace Vmm.Testing.Stepping;

/// <summary>
/// Akka makes its dispatcher and scheduler by type name, so the only thing that reaches them is text: a key of the
/// configuration holds the number of the stepping that they belong to.
/// </summary>
internal static class SteppingRegistry
{
    internal const string Key = "vmm.stepping.id";

    private static readonly ConcurrentDictionary<string, SteppedRun> Known = new(StringComparer.Ordinal);
    private static long s_numbers;

    internal static string Add(SteppedRun run)
    {
        // ORDERING: numbers are only to differ; nothing else is published through them.
        var id = Interlocked.Increment(ref s_numbers).ToString(System.Globalization.CultureInfo.InvariantCulture);
        Known[id] = run;
        return id;
    }

    internal static void Remove(string id) => Known.TryRemove(id, out _);

    /// <exception cref="InvalidOperationException">The configuration is not one that <see cref="SteppedSystem"/> made.</exception>
    internal static SteppedRun Find(Config config)
    {
        var id = config.GetString(Key);
        return id is not null && Known.TryGetValue(id, out var run)
            ? run
            : throw new InvalidOperationException($"{Key} is \"{id}\", which is no stepped system that lives: make the actor system with SteppedSystem.Create.");
    }
}
