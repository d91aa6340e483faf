namespace Vmm.Cli;

/// <summary>Finds what somebody meant to write.</summary>
internal static class NearestName
{
    /// <summary>The known name with the fewest edits to <paramref name="written"/>; null when none is within a third of its length.</summary>
    public static string? Of(string written, IEnumerable<string> known)
    {
        var nearest = known
            .Select(name => (Name: name, Edits: Edits(written, name)))
            .OrderBy(candidate => candidate.Edits)
            .ThenBy(candidate => candidate.Name, StringComparer.Ordinal)
            .FirstOrDefault();
        return nearest.Name is not null && nearest.Edits <= Math.Max(1, nearest.Name.Length / 3) ? nearest.Name : null;
    }

    /// <summary>Insertions, removals and replacements that turn one word into the other, case aside.</summary>
    public static int Edits(string from, string to)
    {
        var previous = Enumerable.Range(0, to.Length + 1).ToArray();
        for (var i = 0; i < from.Length; i++)
        {
            var current = new int[to.Length + 1];
            current[0] = i + 1;
            for (var j = 0; j < to.Length; j++)
            {
                var replaced = previous[j] + (char.ToLowerInvariant(from[i]) == char.ToLowerInvariant(to[j]) ? 0 : 1);
                current[j + 1] = Math.Min(replaced, Math.Min(previous[j + 1], current[j]) + 1);
            }

            previous = current;
        }

        return previous[^1];
    }
}
