using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Vmm.Cli;

/// <summary>The form of every <c>--json</c> document: camel case, enumerations as words, addresses as <c>"0x…"</c> strings.</summary>
internal static class JsonOutput
{
    private static readonly JsonSerializerOptions Lines = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) },
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly JsonSerializerOptions Indented = new(Lines) { WriteIndented = true };

    /// <summary>Writes one document over several lines.</summary>
    public static void WriteDocument<T>(TextWriter output, T document) => output.WriteLine(JsonSerializer.Serialize(document, Indented));

    /// <summary>Writes one document on one line, for streams of them.</summary>
    public static void WriteLine<T>(TextWriter output, T document) => output.WriteLine(JsonSerializer.Serialize(document, Lines));
}
