using System.Globalization;

namespace Vmm.Lab.Histories;

/// <summary>
/// One operation of a history: a name and named numbers, so that it can be written, read, compared and made simpler without
/// knowing what it does. Arguments called <c>on</c> or <c>with</c> are handles. Immutable.
/// </summary>
internal sealed class Operation
{
    private readonly KeyValuePair<string, ulong>[] _arguments;

    public Operation(string name, params IEnumerable<(string Name, ulong Value)> arguments)
    {
        Name = name;
        _arguments = [.. arguments.Select(pair => KeyValuePair.Create(pair.Name, pair.Value))];
    }

    /// <summary>Which operation.</summary>
    public string Name { get; }

    /// <summary>Names and values in the order they are written.</summary>
    public IReadOnlyList<KeyValuePair<string, ulong>> Arguments => _arguments;

    /// <summary>An argument; 0 where it is not given.</summary>
    public ulong this[string name]
    {
        get
        {
            foreach (var (known, value) in _arguments)
            {
                if (known == name)
                {
                    return value;
                }
            }

            return 0;
        }
    }

    /// <summary>An argument as a handle.</summary>
    public Handle HandleOf(string name) => Handle.Of(this[name]);

    /// <summary>The same with another value at a position.</summary>
    public Operation With(int position, ulong value) => new(
        Name,
        _arguments.Select((pair, index) => (pair.Key, index == position ? value : pair.Value)));

    /// <summary>True for an argument that names a slot.</summary>
    public static bool IsHandle(string argument) => argument is "on" or "with";

    /// <summary>Reads <c>map on=container:0 flags=3 iova=0x1000</c>.</summary>
    /// <exception cref="FormatException">What is wrong with the text, and where.</exception>
    public static Operation Parse(string text)
    {
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words.Length == 0
            ? throw new FormatException("an operation has a name")
            : new Operation(words[0], words.Skip(1).Select(ParseArgument).ToList());
    }

    /// <summary>One line: the name, then <c>name=value</c>.</summary>
    public override string ToString() => string.Join(' ', _arguments.Select(Text).Prepend(Name));

    private static (string Name, ulong Value) ParseArgument(string word)
    {
        var parts = word.Split('=', 2);
        if (parts.Length != 2 || parts[0].Length == 0)
        {
            throw new FormatException($"'{word}' is no argument; an argument is name=value");
        }

        if (IsHandle(parts[0]))
        {
            return Handle.TryParse(parts[1], out var handle)
                ? (parts[0], handle.Number)
                : throw new FormatException($"'{word}' names no slot; a slot is container:0, group:1, device:0…");
        }

        var isHex = parts[1].StartsWith("0x", StringComparison.Ordinal);
        var style = isHex ? NumberStyles.AllowHexSpecifier : NumberStyles.None;
        return ulong.TryParse(isHex ? parts[1][2..] : parts[1], style, CultureInfo.InvariantCulture, out var value)
            ? (parts[0], value)
            : throw new FormatException($"'{word}' has no number; a number is 12 or 0x1000, up to 2^64-1");
    }

    private static string Text(KeyValuePair<string, ulong> argument) => IsHandle(argument.Key)
        ? $"{argument.Key}={Handle.Of(argument.Value)}"
        : argument.Value < 10 ? $"{argument.Key}={argument.Value}" : $"{argument.Key}=0x{argument.Value:x}";
}
