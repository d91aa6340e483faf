namespace Vmm.Hosting;

/// <summary>How Vmm is at one time.</summary>
/// <param name="KernelName">The kernel behind it, <c>linux</c> or <c>emulated</c>.</param>
/// <param name="Containers">Containers there are, over all address spaces.</param>
/// <param name="Degraded">A line for each container that cannot be relied on: address space, container, why.</param>
/// <param name="HostWatch">Why the host is not watched, in words; null when it is.</param>
public sealed record VmmHealthReport(string KernelName, int Containers, IReadOnlyList<string> Degraded, string? HostWatch)
{
    /// <summary>True when nothing is degraded and the host is watched or need not be.</summary>
    public bool IsHealthy => Degraded.Count == 0 && HostWatch is null;
}
