namespace Vmm.Testing.Scenarios;

/// <summary>A guest address space and its first view.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Memory">Its first view, committed before the first step.</param>
public sealed record SpaceScript(string Name, MemoryScript Memory);
