using Vmm.Iommu.Kernel;
using Vmm.Iommu.Topology;
using Vmm.Testing.Emulation;

namespace Vmm.Lab.Running;

/// <summary>Limits of an emulated kernel.</summary>
internal sealed class EmulatedLimits(EmulatedKernel kernel) : ISideLimits
{
    private readonly uint _entryLimit = kernel.Options.DmaEntryLimit;
    private readonly IProc _proc = kernel.ToHostKernel().Proc;

    /// <inheritdoc/>
    public void SetEntryLimit(uint limit) => kernel.Options.DmaEntryLimit = limit;

    /// <inheritdoc/>
    public long LockedPages() => (long)ProcessRights.Read(_proc).Locked!.Value >> 12;

    /// <inheritdoc/>
    public void Restore() => kernel.Options.DmaEntryLimit = _entryLimit;

    /// <inheritdoc/>
    public string? LeftBehind() => kernel.Census() is { IsEmpty: false } held ? held.ToString() : null;
}
