using Vmm.Actors.Client;
using Vmm.Testing.GuestIommus;

namespace Vmm.Testing.Scenarios.Running;

/// <summary>An address space of a running scenario.</summary>
internal sealed class ScenarioSpace(IAddressSpace client, ScriptedView view, GuestIommuModel? guest)
{
    internal IAddressSpace Client { get; } = client;

    /// <summary>The vIOMMU that translates it; null for none.</summary>
    internal GuestIommuModel? Guest { get; } = guest;

    /// <summary>What it shows.</summary>
    internal ScriptedView View { get; set; } = view;

    /// <summary>What was prepared and not committed; null when nothing.</summary>
    internal ScriptedView? Prepared { get; set; }

    /// <summary>Devices in it, by name.</summary>
    internal Dictionary<string, IDeviceBinding> Bindings { get; } = new(StringComparer.Ordinal);
}
