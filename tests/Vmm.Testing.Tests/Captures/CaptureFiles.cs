using System.Text.Json.Nodes;
using Vmm.Testing.Captures;

namespace Vmm.Testing.Tests.Captures;

/// <summary>The captures that tests replay: those that ship, and those that were worked out from iommufd's.</summary>
internal static class CaptureFiles
{
    public static IReadOnlyDictionary<string, string> All { get; } = new[] { "captures", "worked-captures" }
        .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, folder), "*.json"))
        .Order(StringComparer.Ordinal)
        .ToDictionary(path => Path.GetFileNameWithoutExtension(path), StringComparer.Ordinal);

    public static Capture Load(string name) => Capture.Load(All[name]);

    public static JsonNode Read(string name) => JsonNode.Parse(File.ReadAllText(All[name]))!;
}
