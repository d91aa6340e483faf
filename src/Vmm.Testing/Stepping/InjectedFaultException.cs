namespace Vmm.Testing.Stepping;

/// <summary>What an actor meets that was told to fail: see <see cref="SteppedSystem.FaultActor"/>.</summary>
/// <param name="path">Path of the actor, such as <c>/user/vmm/host</c>.</param>
public sealed class InjectedFaultException(string path) : Exception($"{path} was told to fail here.")
{
    /// <summary>Path of the actor.</summary>
    public string Path { get; } = path;
}
