using Vmm.Actors.Client;

namespace Vmm.Testing.Scenarios.Running;

/// <summary>An address space of a running scenario.</summary>
internal sealed class ScenarioSpace(IAddressSpace client, ScriptedView view)
{
    internal IAddressSpace Client { get; } = client;

    /// <summary>What it shows.</summary>
    internal ScriptedView View { get; set; } = view;

    /// <summary>What was prepared and not committed; null when nothing.</summary>
    internal ScriptedView? Prepared { get; set; }

    /// <summary>Devices in it, by name.</summary>
    internal Dictionary<string, IDeviceBinding> Bindings { get; } = new(StringComparer.Ordinal);
}
