using Vmm.Iommu.Results;

namespace Vmm.Testing.Decorators;

/// <summary>
/// Lets every kernel call of an operation fail in turn: the first, the second and so on, with each errno, before its effect and
/// after it, until the operation ends before its n-th call. Each trial is the caller's to carry out, in a world of its own.
/// </summary>
public sealed class FailSweep
{
    /// <summary>What calls answer; each in turn.</summary>
    public IReadOnlyList<Errno> Errnos { get; init; } = [Errno.EINVAL, Errno.ENOMEM, Errno.EBUSY, Errno.EINTR, Errno.EFAULT];

    /// <summary>When calls fail; each in turn.</summary>
    public IReadOnlyList<FaultMoment> Moments { get; init; } = [FaultMoment.BeforeEffect, FaultMoment.AfterEffect];

    /// <summary>The first call that fails, from 1; the last one of an operation that makes fewer.</summary>
    public int First { get; init; } = 1;

    /// <summary>1 for every call from there on, also those that an operation makes because one failed; where trials are dear more: every so many of the calls that it makes when none fails.</summary>
    public int Step { get; init; } = 1;

    /// <summary>Calls after which an operation counts as one that never ends, as a multiple of those that it makes when none fails.</summary>
    public int MostRepeats { get; init; } = 10;

    /// <summary>Runs the operation once without a fault, then once for each call, errno and moment.</summary>
    /// <param name="operation">Its name, for people.</param>
    /// <param name="run">
    /// Makes a world, arms the trial, carries out the operation, disarms the trial, and answers what is wrong; nothing when all
    /// is right. Must make the same calls in the same order each time.
    /// </param>
    public FailSweepResult Run(string operation, Func<FailTrial, IEnumerable<string>> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        var wrong = new List<string>();
        var struck = new SortedSet<string>(StringComparer.Ordinal);
        var without = new FailTrial(operation, 0, Errno.None, FaultMoment.BeforeEffect);
        wrong.AddRange(run(without).Select(found => $"{without}: {found}"));
        var trials = 0;
        foreach (var (errno, moment) in Errnos.SelectMany(_ => Moments, (errno, moment) => (errno, moment)))
        {
            trials += Sweep(operation, errno, moment, without.Calls, run, struck, wrong);
        }

        return new FailSweepResult(operation, without.Calls, trials, [.. struck], wrong);
    }

    private int Sweep(
        string operation, Errno errno, FaultMoment moment, long calls, Func<FailTrial, IEnumerable<string>> run, SortedSet<string> struck, List<string> wrong)
    {
        var trials = 0;
        for (var nth = (int)Math.Min(First, Math.Max(1, calls)); Step == 1 || nth <= calls; nth += Step)
        {
            var trial = new FailTrial(operation, nth, errno, moment);
            var found = run(trial).ToList();
            if (trial.Struck is null)
            {
                break;
            }

            trials++;
            struck.Add(trial.Struck);
            wrong.AddRange(found.Select(line => $"{trial}: {line}"));
            if (nth > calls * MostRepeats)
            {
                wrong.Add($"{trial}: the operation made {calls} calls without a fault and has not ended after {nth}");
                break;
            }
        }

        return trials;
    }
}
