using Vmm.Actors;
using Vmm.Testing.Decorators;

namespace Vmm.Contract.Sweeps;

/// <summary>Every call of every operation, with each errno.</summary>
[Trait("Kernel", "emulated")]
public sealed class EmulatedFailSweepTests : FailSweepContract
{
    /// <summary>The operations that want a device which needs a container of its own.</summary>
    public static TheoryData<string, BackendChoice> OperationsOfTwoContainers => OperationsThat(needApart: true);

    public static TheoryData<string, BackendChoice> AllOperations => OperationsThat(needApart: null);

    [Theory]
    [Trait("Requirement", "R2.3")]
    [Trait("Requirement", "R2.15")]
    [MemberData(nameof(OperationsOfTwoContainers))]
    public void In_two_containers_too_all_is_as_before_or_done_or_said_to_be_left(string name, BackendChoice backend) => Sweep(name, backend);

    [Theory]
    [MemberData(nameof(AllOperations))]
    public void In_mode_qemu_too_everything_is_released_at_the_end(string name, BackendChoice backend)
    {
        var result = new FailSweep().Run(name, trial => SweepOperation.All[name].TryAsQemu(trial, new EmulatedSweepHost(), backend));

        Assert.True(result.IsClean, result.ToString());
    }

    private protected override FailSweep TrialsOf(string name, BackendChoice backend) => new();

    private protected override ISweepHost CreateHost(BackendChoice backend) => new EmulatedSweepHost();
}
