namespace Vmm.Cli.Maps;

/// <summary>What a file holds.</summary>
internal enum MapKind
{
    Scenario,
    Capture,
    Memory,
}
