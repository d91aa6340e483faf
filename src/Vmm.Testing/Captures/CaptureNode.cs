using System.Globalization;
using System.Text.Json;

namespace Vmm.Testing.Captures;

/// <summary>An object of a capture, with its place for errors. A key that is asked for is there and has its type, or the capture is refused.</summary>
internal sealed class CaptureNode
{
    private readonly string _file;
    private readonly JsonElement _value;

    public CaptureNode(string file, string place, JsonElement value)
    {
        _file = file;
        _value = value;
        Place = place;
        if (value.ValueKind != JsonValueKind.Object)
        {
            throw new CaptureFormatException(file, place, $"it is {Shown(value)}", "it is an object");
        }
    }

    public string Place { get; }

    public bool Has(string key) => _value.TryGetProperty(key, out _);

    public string Text(string key) => Of(key, JsonValueKind.String, "a text").GetString()!;

    public bool Flag(string key) => Get(key).ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Wrong(key, $"{Shown(Get(key))} is neither true nor false", "write one of them"),
    };

    public long Number(string key) => Of(key, JsonValueKind.Number, "a whole number").TryGetInt64(out var number)
        ? number
        : throw Wrong(key, $"{Shown(Get(key))} is no whole number", "write one such as 3");

    /// <summary>A number that is not negative, as structs of the kernel hold it.</summary>
    public string Field(string key) => Number(key) is >= 0 and var number
        ? number.ToString(CultureInfo.InvariantCulture)
        : throw Wrong(key, $"{Number(key)} is negative", "write a number from 0");

    public ulong Hex(string key)
    {
        var text = Text(key);
        return text.StartsWith("0x", StringComparison.Ordinal)
            && ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number)
                ? number
                : throw Wrong(key, $"\"{text}\" is no number of 64 bits", "write it in hex, such as \"0xfee00000\"");
    }

    public byte[] Bytes(string key)
    {
        var text = Text(key);
        try
        {
            return Convert.FromHexString(text);
        }
        catch (FormatException wrong)
        {
            throw new CaptureFormatException(_file, $"{Place}.{key}", "the bytes are not in hex", "write two digits from 0 to f for each byte", wrong);
        }
    }

    public IEnumerable<CaptureNode> List(string key)
    {
        var list = Of(key, JsonValueKind.Array, "a list");
        return list.EnumerateArray().Select((item, at) => new CaptureNode(_file, $"{(Place.Length == 0 ? "" : $"{Place}.")}{key}[{at}]", item));
    }

    public CaptureFormatException Wrong(string key, string wrong, string right) =>
        new(_file, Place.Length == 0 ? key : key.Length == 0 ? Place : $"{Place}.{key}", wrong, right);

    private static string Shown(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => "a text",
        JsonValueKind.Null => "null",
        _ => value.GetRawText(),
    };

    private JsonElement Of(string key, JsonValueKind kind, string right) => Get(key) is var value && value.ValueKind == kind
        ? value
        : throw Wrong(key, $"{Shown(value)} is not {right}", $"write {right}");

    private JsonElement Get(string key) =>
        _value.TryGetProperty(key, out var value) ? value : throw Wrong(key, "the key is missing", "a capture says it here");
}
