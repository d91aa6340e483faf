namespace Vmm.Hosting;

/// <summary>How Vmm is. Thread-safe; in the services of a host with <c>AddVmm</c> or <c>AddVmmClient</c>.</summary>
public interface IVmmHealth
{
    /// <summary>The kernel behind it, <c>linux</c> or <c>emulated</c>.</summary>
    string KernelName { get; }

    /// <summary>Asks the actors.</summary>
    /// <param name="cancellationToken">Cancels the wait; before the host has started there is nobody who answers.</param>
    Task<VmmHealthReport> CheckAsync(CancellationToken cancellationToken = default);
}
