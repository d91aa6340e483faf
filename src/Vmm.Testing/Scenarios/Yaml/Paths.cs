namespace Vmm.Testing.Scenarios.Yaml;

/// <summary>Paths in a scenario: relative to its file.</summary>
internal static class Paths
{
    internal static string Existing(YamlValue value)
    {
        var written = value.Text("write a path relative to this file");
        var path = Path.Combine(Path.GetDirectoryName(value.File) ?? "", written);
        return File.Exists(path) || Directory.Exists(path)
            ? path
            : throw value.Error($"there is no {path}", "write a path relative to this file");
    }
}
