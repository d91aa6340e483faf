namespace Vmm.Testing.Scenarios;

/// <summary>What is left when everything has been released. Nothing, unless said otherwise.</summary>
public sealed record EndExpectation
{
    /// <summary>Descriptors of the kernel that are open.</summary>
    public int Descriptors { get; init; }

    /// <summary>Mappings that the kernel holds.</summary>
    public int Mappings { get; init; }

    /// <summary>Leases on guest memory.</summary>
    public int Leases { get; init; }

    /// <summary>False when the scenario is about something that cannot be released: then nothing is counted.</summary>
    public bool Check { get; init; } = true;
}
