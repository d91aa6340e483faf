namespace Vmm.Testing.Scenarios.Yaml;

/// <summary>What a person may have meant.</summary>
internal static class Suggestion
{
    internal static string Among(string written, IReadOnlyList<string> known)
    {
        var nearest = known.MinBy(word => Distance(written, word));
        var guess = nearest is not null && Distance(written, nearest) <= 1 + (nearest.Length / 4) ? $"did you mean {nearest}? " : "";
        return $"{guess}known are {string.Join(", ", known)}";
    }

    /// <summary>Letters to change, add or drop to get from one word to the other.</summary>
    private static int Distance(string left, string right)
    {
        var row = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var i = 1; i <= left.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var changed = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(changed, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
