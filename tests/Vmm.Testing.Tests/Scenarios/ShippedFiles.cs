using Vmm.Testing.Scenarios;

namespace Vmm.Testing.Tests.Scenarios;

/// <summary>The scenarios that the project ships, as copied beside the tests.</summary>
internal static class ShippedFiles
{
    internal static string At(string path) => Path.Combine(AppContext.BaseDirectory, "configs", path);

    internal static IReadOnlyList<string> Scenarios =>
        [.. Directory.EnumerateFiles(At("scenarios"), "*.yaml").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    internal static HotplugScenario Scenario(string name) => HotplugScenario.Load(At($"scenarios/{name}"));
}
