using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Vmm.Testing.Scenarios.Yaml;

/// <summary>A node of a file, with where it is and what it is called, read strictly.</summary>
internal sealed class YamlValue(YamlNode node, string file, string key)
{
    internal string Key { get; } = key;

    internal string File { get; } = file;

    internal string Place => $"{File}:{node.Start.Line}:{node.Start.Column}";

    internal bool IsMap => node is YamlMappingNode;

    internal bool IsList => node is YamlSequenceNode;

    internal bool IsText => node is YamlScalarNode;

    internal ScenarioFormatException Error(string wrong, string right, Exception? inner = null) => new(Place, Key, wrong, right, inner);

    /// <summary>A mapping with none but these keys.</summary>
    internal YamlMap Map(params ReadOnlySpan<string> known)
    {
        if (node is not YamlMappingNode mapping)
        {
            throw Error($"{Shape} where a mapping belongs", $"keys are {string.Join(", ", known!)}");
        }

        return new YamlMap(this, Children(mapping), known);
    }

    /// <summary>A mapping whose keys are data.</summary>
    internal IReadOnlyList<(YamlValue Key, YamlValue Value)> Pairs(string right)
    {
        if (node is not YamlMappingNode mapping)
        {
            throw Error($"{Shape} where a mapping belongs", right);
        }

        return Children(mapping);
    }

    internal IReadOnlyList<YamlValue> List(string right)
    {
        if (node is not YamlSequenceNode list)
        {
            throw Error($"{Shape} where a list belongs", right);
        }

        return [.. list.Children.Select((child, at) => new YamlValue(child, File, $"{Key}[{at}]"))];
    }

    /// <summary>A list, or one thing that stands for a list of it.</summary>
    internal IReadOnlyList<YamlValue> OneOrList() => IsList ? List("") : [this];

    internal string Text(string right)
    {
        if (node is not YamlScalarNode { Value: { } text } scalar)
        {
            throw Error($"{Shape} where text belongs", right);
        }

        return text.Length > 0 || scalar.Style is ScalarStyle.SingleQuoted or ScalarStyle.DoubleQuoted
            ? text
            : throw Error("no value", right);
    }

    internal bool Bool() => Plain("true or false") switch
    {
        "true" => true,
        "false" => false,
        var other => throw Error($"'{other}' is neither", "write true or false"),
    };

    internal int Int(int least, int most)
    {
        var right = $"write a whole number from {least} to {most}";
        var text = Plain(right);
        return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw Error($"'{text}' is no such number", right);
    }

    /// <summary>One of some words.</summary>
    internal T Word<T>(params ReadOnlySpan<(string Word, T Value)> words)
    {
        var text = Plain("a word belongs here");
        var all = new List<string>();
        foreach (var (word, value) in words)
        {
            if (string.Equals(word, text, StringComparison.Ordinal))
            {
                return value;
            }

            all.Add(word);
        }

        throw Error($"'{text}' is not known", Suggestion.Among(text, all));
    }

    /// <summary>A scalar written without quotes, or with: numbers and words are the same either way.</summary>
    internal string Plain(string right) => Text(right);

    private string Shape => node switch
    {
        YamlMappingNode => "a mapping",
        YamlSequenceNode => "a list",
        _ => "a single value",
    };

    private List<(YamlValue Key, YamlValue Value)> Children(YamlMappingNode mapping)
    {
        var pairs = new List<(YamlValue, YamlValue)>();
        foreach (var (name, child) in mapping.Children)
        {
            if (name is not YamlScalarNode { Value: { } text })
            {
                throw new YamlValue(name, File, Key).Error("a key that is no text", "write key: value");
            }

            var path = Key.Length == 0 ? text : $"{Key}.{text}";
            pairs.Add((new YamlValue(name, File, path), new YamlValue(child, File, path)));
        }

        return pairs;
    }
}
