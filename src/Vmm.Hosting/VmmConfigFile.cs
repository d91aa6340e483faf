using System.Text;
using System.Text.Json;

namespace Vmm.Hosting;

/// <summary>Reads a configuration file such as <c>configs/vmm.json</c>. Strict: one flat object, known keys, each once.</summary>
public static class VmmConfigFile
{
    private static readonly JsonReaderOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>Reads a file. A relative <c>host</c> is taken from the file's folder.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="VmmConfigException">It cannot be read, or a key in it cannot be used: the message names file, line and key.</exception>
    public static VmmOptions Load(string path)
    {
        byte[] content;
        try
        {
            content = File.ReadAllBytes(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new VmmConfigException($"{path}: cannot be read ({Cause(failure)}); give a readable file such as configs/vmm.json", failure);
        }

        var options = Parse(content, path);
        if (options.Host is { } host)
        {
            options.Host = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path)) ?? "", host);
        }

        return options;
    }

    /// <summary>Reads the text of a configuration.</summary>
    /// <param name="json">UTF-8 text; comments and trailing commas are allowed.</param>
    /// <param name="name">What errors call it.</param>
    /// <exception cref="VmmConfigException">It is no JSON, or a key in it cannot be used.</exception>
    public static VmmOptions Parse(ReadOnlySpan<byte> json, string name)
    {
        var options = new VmmOptions();
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var text = json.StartsWith(Encoding.UTF8.Preamble) ? json[Encoding.UTF8.Preamble.Length..] : json;
        var reader = new Utf8JsonReader(text, Lenient);
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                throw new VmmConfigException($"{name}:1: is not an object; write {{ \"kernel\": \"linux\" }} or start from configs/vmm.json");
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                ReadKey(ref reader, text, name, options, seen);
            }

            if (reader.Read())
            {
                throw new VmmConfigException($"{name}:{LineOf(text, reader)}: has something behind the object; take it out");
            }
        }
        catch (InvalidOperationException failure)
        {
            throw new VmmConfigException($"{name}:{LineOf(text, reader)}: has text that is no UTF-8; save the file as UTF-8", failure);
        }
        catch (JsonException failure)
        {
            throw new VmmConfigException($"{name}:{(failure.LineNumber ?? 0) + 1}: is no JSON ({FirstSentence(failure.Message)}); correct it there", failure);
        }

        Check(options, name, seen);
        return options;
    }

    private static void ReadKey(ref Utf8JsonReader reader, ReadOnlySpan<byte> text, string name, VmmOptions options, HashSet<string> seen)
    {
        var key = reader.GetString()!;
        var place = $"{name}:{LineOf(text, reader)}: {key}";
        var known = VmmOptionKeys.Find(key) ?? throw new VmmConfigException($"{place}: no such key; the keys are {VmmOptionKeys.Names}");
        if (!seen.Add(key))
        {
            throw new VmmConfigException($"{place}: is written twice; keep one");
        }

        reader.Read();
        var value = reader.TokenType switch
        {
            JsonTokenType.String => reader.GetString()!,
            JsonTokenType.Number or JsonTokenType.True or JsonTokenType.False => Encoding.UTF8.GetString(reader.ValueSpan),
            _ => throw new VmmConfigException($"{place}: takes one value ({known.Shape}); write {known.Sample}"),
        };
        if (known.Set(options, value) is { } wrong)
        {
            throw new VmmConfigException($"{place}: {wrong}");
        }
    }

    private static void Check(VmmOptions options, string name, HashSet<string> seen)
    {
        if (!seen.Contains("kernel"))
        {
            throw new VmmConfigException($"{name}: kernel: is missing; write \"kernel\": \"linux\", or \"emulated\" with a \"host\"");
        }

        if (options is { Kernel: "emulated", Host: null })
        {
            throw new VmmConfigException($"{name}: host: is missing; the emulated kernel needs a captured sysfs, such as \"host\": \"hosts/q35-vtd.tar.gz\"");
        }

        if (options is { Kernel: "linux", Host: not null })
        {
            throw new VmmConfigException($"{name}: host: is only for the emulated kernel; take it out, or write \"kernel\": \"emulated\"");
        }
    }

    private static long LineOf(ReadOnlySpan<byte> text, in Utf8JsonReader reader) => text[..(int)reader.TokenStartIndex].Count((byte)'\n') + 1;

    private static string FirstSentence(string message)
    {
        var end = message.IndexOf(". ", StringComparison.Ordinal);
        return (end < 0 ? message : message[..end]).TrimEnd('.');
    }

    private static string Cause(Exception failure) => failure switch
    {
        FileNotFoundException or DirectoryNotFoundException => "no such file",
        ArgumentException => "the path is empty or has a zero byte",
        UnauthorizedAccessException => "not permitted, or a folder",
        _ => failure.Message.ReplaceLineEndings(" "),
    };
}
