using System.Globalization;

namespace Vmm.Iommu.Tests.Kernel;

/// <summary>What a C program printed of the kernel's headers: Data/uapi/uapi.txt, which Data/uapi/uapi.c made and tells how.</summary>
internal sealed class UapiText
{
    private readonly Dictionary<string, long> _numbers = new(StringComparer.Ordinal);

    private UapiText(IEnumerable<string> lines)
    {
        foreach (var words in lines.Where(line => !line.StartsWith('#')).Select(line => line.Split(' ')))
        {
            switch (words)
            {
                case ["request" or "value" or "struct", var name, var number]:
                    _numbers.Add($"{words[0]} {name}", Number(number));
                    break;
                case ["field", var type, var name, var offset, var size]:
                    _numbers.Add($"offset {type}.{name}", Number(offset));
                    _numbers.Add($"size {type}.{name}", Number(size));
                    break;
                default:
                    throw new FormatException($"uapi.txt: '{string.Join(' ', words)}' is no request, value, struct or field.");
            }
        }
    }

    /// <summary>The text of the repository.</summary>
    public static UapiText Read() => new(File.ReadLines(RepositoryFiles.At("tests/Vmm.Iommu.Tests/Data/uapi/uapi.txt")));

    /// <summary>Number of a request; fails where the text has none.</summary>
    public long Request(string name) => Find($"request {name}");

    /// <summary>A constant.</summary>
    public long Value(string name) => Find($"value {name}");

    /// <summary>Bytes of a struct.</summary>
    public long SizeOf(string type) => Find($"struct {type}");

    /// <summary>Offset and bytes of a field.</summary>
    public (long Offset, long Size) Field(string type, string name) => (Find($"offset {type}.{name}"), Find($"size {type}.{name}"));

    private static long Number(string text) => text.StartsWith("0x", StringComparison.Ordinal)
        ? long.Parse(text.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture)
        : long.Parse(text, CultureInfo.InvariantCulture);

    private long Find(string key)
    {
        Assert.True(_numbers.TryGetValue(key, out var number), $"uapi.txt has no '{key}': add it to uapi.c and make the text again.");
        return number;
    }
}
