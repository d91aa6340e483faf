using Vmm.Iommu.Addressing;

namespace Vmm.Testing.Scenarios.Yaml;

/// <summary>What the guest does by its vIOMMU.</summary>
internal static class GuestReader
{
    internal static ScenarioStep.GuestMap Map(YamlValue value)
    {
        var map = value.Map("iova", "length", "target", "access", "count");
        return new ScenarioStep.GuestMap(
            map.Get("iova", "an address").Number(),
            map.Get("length", "a size").Number(),
            map.Get("target", "a guest address").Number())
        {
            Access = map.Find("access")?.Word(("rw", DmaAccess.ReadWrite), ("ro", DmaAccess.Read), ("none", DmaAccess.None)) ?? DmaAccess.ReadWrite,
            Count = map.Find("count")?.Int(1, 1 << 20) ?? 1,
        };
    }

    internal static ScenarioStep.GuestUnmap Unmap(YamlValue value) => new(value.Range());

    internal static ScenarioStep.GuestIommu Iommu(YamlValue value) =>
        value.IsText
            ? new ScenarioStep.GuestIommu(value.Word<string?>(("agree", null)))
            : new ScenarioStep.GuestIommu(value.Map("refuses").Get("refuses", "why").Text("write why, such as caching mode is off"));
}
