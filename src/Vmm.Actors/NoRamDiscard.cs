using Vmm.Iommu.Results;

namespace Vmm.Actors;

/// <summary>For a VMM that never discards guest RAM: agrees to everything.</summary>
public sealed class NoRamDiscard : IRamDiscard
{
    /// <inheritdoc/>
    public Task<SysResult> DisableAsync(CancellationToken cancellationToken) => Task.FromResult(SysResult.Ok);

    /// <inheritdoc/>
    public Task<SysResult> EnableAsync(CancellationToken cancellationToken) => Task.FromResult(SysResult.Ok);
}
