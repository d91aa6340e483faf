namespace Vmm.Testing.Tests.Scenarios;

/// <summary>The shipped scenario that a test runs.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ScenarioFileAttribute(string name) : Attribute
{
    public string Name { get; } = name;
}
