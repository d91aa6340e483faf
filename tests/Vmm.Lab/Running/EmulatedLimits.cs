using Vmm.Testing.Emulation;

namespace Vmm.Lab.Running;

/// <summary>Limits of an emulated kernel.</summary>
internal sealed class EmulatedLimits(EmulatedKernel kernel) : ISideLimits
{
    private readonly uint _entryLimit = kernel.Options.DmaEntryLimit;

    /// <inheritdoc/>
    public void SetEntryLimit(uint limit) => kernel.Options.DmaEntryLimit = limit;

    /// <inheritdoc/>
    public long LockedPages() => (long)kernel.Census().LockedPages;

    /// <inheritdoc/>
    public void Restore() => kernel.Options.DmaEntryLimit = _entryLimit;

    /// <inheritdoc/>
    public string? LeftBehind() => kernel.Census() is { IsEmpty: false } held ? held.ToString() : null;
}
