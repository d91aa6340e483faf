using Vmm.Testing.Decorators;

namespace Vmm.Actors.Tests.Sweeps;

/// <summary>Every kernel call of every operation fails in turn, with each errno, before its effect and after it.</summary>
public class FailSweepTests
{
    public static TheoryData<string, BackendChoice> Operations()
    {
        var operations = new TheoryData<string, BackendChoice>();
        foreach (var name in SweepOperation.All.Keys)
        {
            operations.Add(name, BackendChoice.Type1);
            operations.Add(name, BackendChoice.Iommufd);
        }

        return operations;
    }

    [Theory]
    [Trait("Requirement", "R2.3")]
    [Trait("Requirement", "R2.15")]
    [MemberData(nameof(Operations))]
    public void Whichever_call_fails_all_is_as_before_or_done_or_said_to_be_left(string name, BackendChoice backend)
    {
        Picture? done = null;

        var result = new FailSweep().Run(name, trial => SweepOperation.All[name].Try(trial, backend, ref done));

        Assert.True(result.IsClean, result.ToString());
    }

    [Theory]
    [MemberData(nameof(Operations))]
    public void In_mode_qemu_too_everything_is_released_at_the_end(string name, BackendChoice backend)
    {
        var result = new FailSweep().Run(name, trial => SweepOperation.All[name].TryAsQemu(trial, backend));

        Assert.True(result.IsClean, result.ToString());
    }
}
