using System.Globalization;

namespace Akka.Configuration;

/// <summary>Values by dotted path. A path that is missing gives the default, not an error.</summary>
public class Config
{
    public static readonly Config Empty = new([]);

    // A value is a string, or a list of strings.
    private readonly Dictionary<string, object> _values;

    internal Config(Dictionary<string, object> values) => _values = values;

    public virtual bool IsEmpty => _values.Count == 0;

    internal IEnumerable<string> Keys => _values.Keys;

    public static implicit operator Config(string str) => ConfigurationFactory.ParseString(str);

    public virtual bool GetBoolean(string path, bool @default = false) => GetString(path)?.ToUpperInvariant() switch
    {
        null => @default,
        "ON" or "TRUE" or "YES" => true,
        "OFF" or "FALSE" or "NO" => false,
        var other => throw Wrong(path, other, "on or off"),
    };

    public virtual int GetInt(string path, int @default = 0) =>
        GetString(path) is not { } text ? @default
        : int.TryParse(text, CultureInfo.InvariantCulture, out var value) ? value : throw Wrong(path, text, "a whole number");

    public virtual long GetLong(string path, long @default = 0) =>
        GetString(path) is not { } text ? @default
        : long.TryParse(text, CultureInfo.InvariantCulture, out var value) ? value : throw Wrong(path, text, "a whole number");

    public virtual double GetDouble(string path, double @default = 0) =>
        GetString(path) is not { } text ? @default
        : double.TryParse(text, CultureInfo.InvariantCulture, out var value) ? value : throw Wrong(path, text, "a number");

    public virtual string GetString(string path, string @default = null) => _values.TryGetValue(path, out var value) switch
    {
        false => @default,
        true => value as string ?? throw Wrong(path, "[...]", "one value, not a list"),
    };

    public virtual IList<string> GetStringList(string path) => GetStringList(path, []);

    public virtual IList<string> GetStringList(string path, string[] defaultPaths) => _values.TryGetValue(path, out var value) switch
    {
        false => defaultPaths,
        true => value as IList<string> ?? throw Wrong(path, value.ToString(), "a list: [\"a\", \"b\"]"),
    };

    /// <summary>A duration: <c>5s</c>, <c>100ms</c>, a number of milliseconds, or <c>infinite</c>.</summary>
    public virtual TimeSpan GetTimeSpan(string path, TimeSpan? @default = null, bool allowInfinite = true)
    {
        if (GetString(path) is not { } text) return @default ?? TimeSpan.Zero;
        return Duration.TryParse(text, allowInfinite, out var value) ? value : throw Wrong(path, text, "a duration as 5s or 100ms");
    }

    /// <summary>The values below a path, with their paths from there; null when there are none.</summary>
    public virtual Config GetConfig(string path)
    {
        var below = _values.Where(v => v.Key.StartsWith(path + ".", StringComparison.Ordinal)).ToDictionary(v => v.Key[(path.Length + 1)..], v => v.Value);
        return below.Count == 0 ? null : new Config(below);
    }

    /// <summary>Whether there is a value at the path or below it.</summary>
    public virtual bool HasPath(string path) => _values.ContainsKey(path) || _values.Keys.Any(k => k.StartsWith(path + ".", StringComparison.Ordinal));

    /// <summary>These values, and those of the other one where there are none here.</summary>
    public virtual Config WithFallback(Config fallback)
    {
        if (fallback is null || fallback.IsEmpty) return this;
        var all = new Dictionary<string, object>(fallback._values);
        foreach (var (key, value) in _values) all[key] = value;
        return new Config(all);
    }

    public override string ToString() => string.Join('\n', _values.OrderBy(v => v.Key, StringComparer.Ordinal).Select(v => $"{v.Key} = {Text(v.Value)}"));

    internal static Config Of(params (string Key, string Value)[] values) =>
        new(values.Where(v => v.Value is not null).ToDictionary(v => v.Key, v => (object)v.Value));

    private static string Text(object value) => value is IList<string> list
        ? "[" + string.Join(", ", list.Select(i => $"\"{i}\"")) + "]"
        : $"\"{((string)value).Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    private static ConfigurationException Wrong(string path, string value, string wanted) => new($"{path} = {value}: expected {wanted}.");
}
