namespace Vmm.Cli.Maps;

/// <summary>What is to be drawn.</summary>
/// <param name="File">A scenario, a capture or a memory map.</param>
internal sealed record MapRequest(string File)
{
    /// <summary>The host as it was asked for; null where none was.</summary>
    internal HostSpec? Host { get; init; }

    /// <summary>Devices to attach, or to plan for.</summary>
    internal IReadOnlyList<string> Devices { get; init; } = [];

    /// <summary>The order that a scenario runs in; null for its own.</summary>
    internal int? Seed { get; init; }

    /// <summary>The address space to draw; null for all of them, or for a memory map's <c>memory</c>.</summary>
    internal string? Space { get; init; }
}
