using Vmm.Actors;
using Vmm.Contract.Hosts;
using Vmm.Iommu.Results;
using Vmm.Testing.Decorators;

namespace Vmm.Contract.Sweeps;

/// <summary>
/// The same on a real kernel, as far as a guest without hardware's help gets in a minute: one errno, and calls at even steps, which
/// begin with another call for each operation. The emulated kernel has every call, every errno, and what wants a second container.
/// </summary>
[Trait("Kernel", "linux")]
public sealed class LinuxFailSweepTests : FailSweepContract
{
    private const int Step = 17;

    private protected override FailSweep TrialsOf(string name, BackendChoice backend)
    {
        var index = SweepOperation.All.Keys.ToList().IndexOf(name);
        return new() { Errnos = [Errno.ENOMEM], First = 1 + (((5 * index) + (backend == BackendChoice.Type1 ? 0 : 8)) % Step), Step = Step };
    }

    private protected override ISweepHost CreateHost(BackendChoice backend)
    {
        Machine.Needs(backend == BackendChoice.Type1 ? Machine.Type1 : Machine.Iommufd);
        return new LinuxSweepHost();
    }
}
