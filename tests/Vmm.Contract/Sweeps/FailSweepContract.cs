using Vmm.Actors;
using Vmm.Testing.Decorators;

namespace Vmm.Contract.Sweeps;

/// <summary>Kernel calls of operations fail in turn, before their effect and after it: all is then as before, or done, or said to be left.</summary>
public abstract class FailSweepContract
{
    /// <summary>The operations that every machine can carry out.</summary>
    public static TheoryData<string, BackendChoice> Operations => OperationsThat(needApart: false);

    [SkippableTheory]
    [Trait("Requirement", "R2.3")]
    [Trait("Requirement", "R2.15")]
    [MemberData(nameof(Operations))]
    public void Whichever_call_fails_all_is_as_before_or_done_or_said_to_be_left(string name, BackendChoice backend) => Sweep(name, backend);

    protected static TheoryData<string, BackendChoice> OperationsThat(bool? needApart)
    {
        var operations = new TheoryData<string, BackendChoice>();
        foreach (var name in SweepOperation.All.Values.Where(operation => needApart is null || operation.NeedsApart == needApart).Select(operation => operation.Name))
        {
            operations.Add(name, BackendChoice.Type1);
            operations.Add(name, BackendChoice.Iommufd);
        }

        return operations;
    }

    /// <summary>Which calls of an operation fail, and how.</summary>
    private protected abstract FailSweep TrialsOf(string name, BackendChoice backend);

    /// <summary>The machine of one trial; skips the test where there is none.</summary>
    private protected abstract ISweepHost CreateHost(BackendChoice backend);

    private protected void Sweep(string name, BackendChoice backend)
    {
        Picture? done = null;

        var result = TrialsOf(name, backend).Run(name, trial => SweepOperation.All[name].Try(trial, CreateHost(backend), backend, ref done));

        Assert.True(result.IsClean && (result.Trials > 0 || result.Calls == 0), result.ToString());
    }
}
