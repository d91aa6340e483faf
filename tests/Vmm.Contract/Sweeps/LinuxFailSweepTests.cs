using Vmm.Actors;
using Vmm.Contract.Hosts;
using Vmm.Iommu.Results;
using Vmm.Testing.Decorators;

namespace Vmm.Contract.Sweeps;

/// <summary>
/// The same on a real kernel, as far as a guest without hardware's help gets in a minute: one errno, calls at even steps, which begin
/// with another call for each operation, and before their effect for one operation, after it for the next. The emulated kernel has every
/// call, every errno, both moments, and what wants a second container.
/// </summary>
[Trait("Kernel", "linux")]
public sealed class LinuxFailSweepTests : FailSweepContract
{
    private const int Step = 11;

    private protected override FailSweep TrialsOf(string name, BackendChoice backend)
    {
        var index = SweepOperation.All.Keys.ToList().IndexOf(name);
        var turn = index + (backend == BackendChoice.Type1 ? 0 : 1);
        return new()
        {
            Errnos = [Errno.ENOMEM],
            Moments = [turn % 2 == 0 ? FaultMoment.BeforeEffect : FaultMoment.AfterEffect],
            First = 1 + (5 * turn % Step),
            Step = Step,
        };
    }

    private protected override ISweepHost CreateHost(BackendChoice backend)
    {
        Machine.Needs(backend == BackendChoice.Type1 ? Machine.Type1 : Machine.Iommufd);
        return new LinuxSweepHost();
    }
}
