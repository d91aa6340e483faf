using Vmm.Actors;
using Vmm.Iommu.Results;

namespace Vmm.Testing.Scenarios.Running;

/// <summary>Answers as the scenario says when asked to stop discarding RAM.</summary>
internal sealed class ScenarioDiscard : IRamDiscard
{
    internal Errno Answer { get; set; }

    public Task<SysResult> DisableAsync(CancellationToken cancellationToken) => Task.FromResult<SysResult>(Answer);

    public Task<SysResult> EnableAsync(CancellationToken cancellationToken) => Task.FromResult(SysResult.Ok);
}
