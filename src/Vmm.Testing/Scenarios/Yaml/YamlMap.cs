namespace Vmm.Testing.Scenarios.Yaml;

/// <summary>A mapping of which every key is known.</summary>
internal sealed class YamlMap
{
    private readonly YamlValue _owner;
    private readonly Dictionary<string, YamlValue> _values = new(StringComparer.Ordinal);

    internal YamlMap(YamlValue owner, IReadOnlyList<(YamlValue Key, YamlValue Value)> pairs, ReadOnlySpan<string> known)
    {
        _owner = owner;
        foreach (var (key, value) in pairs)
        {
            var name = key.Text("a key");
            if (!known.Contains(name))
            {
                throw key.Error("unknown key", Suggestion.Among(name, known.ToArray()));
            }

            _values.Add(name, value);
        }
    }

    internal YamlValue Owner => _owner;

    internal bool Has(string key) => _values.ContainsKey(key);

    internal YamlValue? Find(string key) => _values.GetValueOrDefault(key);

    internal YamlValue Get(string key, string right) =>
        Find(key) ?? throw _owner.Error($"key {key} is missing", $"write {key}: {right}");

    /// <summary>The one key of several that is there.</summary>
    internal (string Key, YamlValue Value) One(params ReadOnlySpan<string> keys)
    {
        var all = string.Join(", ", keys!);
        (string, YamlValue)? found = null;
        foreach (var key in keys)
        {
            if (Find(key) is not { } value)
            {
                continue;
            }

            if (found is { } other)
            {
                throw value.Error($"stands beside {other.Item1}", $"exactly one of {all} belongs here");
            }

            found = (key, value);
        }

        return found ?? throw _owner.Error("none of the keys that say what it is", $"exactly one of {all} belongs here");
    }
}
