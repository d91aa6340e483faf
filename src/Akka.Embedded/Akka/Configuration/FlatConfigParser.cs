using System.Buffers;

namespace Akka.Configuration;

/// <summary>Reads the part of HOCON that is one <c>key = value</c> a line.</summary>
internal static class FlatConfigParser
{
    private static readonly SearchValues<char> NotInKeys = SearchValues.Create("{}[]:+ ");

    internal static Config Parse(string text)
    {
        var values = new Dictionary<string, object>();
        var number = 0;
        foreach (var line in (text ?? "").Split('\n'))
        {
            number++;
            var content = WithoutComment(line).Trim().TrimEnd(',');
            if (content.Length > 0) ParseLine(values, content, number);
        }
        return new Config(values);
    }

    private static void ParseLine(Dictionary<string, object> values, string line, int number)
    {
        var sign = line.IndexOf('=', StringComparison.Ordinal);
        if (sign <= 0) throw Wrong(number, line, "it is not \"key = value\"");
        var key = line[..sign].Trim();
        var value = line[(sign + 1)..].Trim();
        if (key.AsSpan().ContainsAny(NotInKeys)) throw Wrong(number, line, "the key is not a dotted path");
        if (value.StartsWith('{') || value.Contains("${", StringComparison.Ordinal)) throw Wrong(number, line, "objects and substitutions are not read");
        values[key.Replace("\"", "", StringComparison.Ordinal)] = value.StartsWith('[') ? ParseList(value, number, line) : Unquote(value, number, line);
    }

    private static List<string> ParseList(string value, int number, string line)
    {
        if (!value.EndsWith(']')) throw Wrong(number, line, "the list does not end on its line");
        var inner = value[1..^1].Trim();
        return inner.Length == 0 ? [] : [.. SplitItems(inner).Select(item => Unquote(item.Trim(), number, line))];
    }

    /// <summary>Splits at commas outside of quotes.</summary>
    private static IEnumerable<string> SplitItems(string items)
    {
        var (start, quoted) = (0, false);
        for (var i = 0; i < items.Length; i++)
        {
            if (items[i] == '"') quoted = !quoted;
            if (items[i] != ',' || quoted) continue;
            yield return items[start..i];
            start = i + 1;
        }
        yield return items[start..];
    }

    private static string Unquote(string value, int number, string line)
    {
        if (!value.StartsWith('"')) return value;
        if (value.Length < 2 || !value.EndsWith('"') || value.StartsWith("\"\"\"", StringComparison.Ordinal)) throw Wrong(number, line, "the quotes do not match on one line");
        return value[1..^1].Replace("\\\"", "\"", StringComparison.Ordinal).Replace("\\\\", "\\", StringComparison.Ordinal);
    }

    private static string WithoutComment(string line)
    {
        var quoted = false;
        for (var i = 0; i < line.Length; i++)
        {
            if (line[i] == '"' && (i == 0 || line[i - 1] != '\\')) quoted = !quoted;
            else if (!quoted && (line[i] == '#' || (line[i] == '/' && i + 1 < line.Length && line[i + 1] == '/'))) return line[..i];
        }
        return line;
    }

    private static ConfigurationException Wrong(int number, string line, string why) =>
        new($"Configuration line {number}: \"{line}\": {why}. Write one \"path.to.key = value\" a line.");
}
