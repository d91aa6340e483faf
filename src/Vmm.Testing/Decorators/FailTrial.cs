using Vmm.Iommu.Results;

namespace Vmm.Testing.Decorators;

/// <summary>One trial of a <see cref="FailSweep"/>: which call of an operation fails, and how.</summary>
/// <param name="operation">The operation, for people.</param>
/// <param name="nth">The call, from 1; 0 for the trial in which none fails.</param>
/// <param name="errno">What it answers.</param>
/// <param name="moment">Without its effect, or with it.</param>
public sealed class FailTrial(string operation, int nth, Errno errno, FaultMoment moment)
{
    private FaultingKernel? _faults;
    private long _before;
    private int _struckBefore;

    /// <summary>The operation.</summary>
    public string Operation => operation;

    /// <summary>The call that fails, from 1; 0 in the trial in which none does.</summary>
    public int Nth => nth;

    /// <summary>What it answers.</summary>
    public Errno Errno => errno;

    /// <summary>Without its effect, or with it.</summary>
    public FaultMoment Moment => moment;

    /// <summary>Calls between arming and disarming.</summary>
    public long Calls { get; private set; }

    /// <summary>The call that failed, by name; null where the operation ended before its turn came.</summary>
    public string? Struck { get; private set; }

    /// <summary>To be called right before the operation.</summary>
    /// <param name="faults">The kernel that it runs on.</param>
    public void Arm(FaultingKernel faults)
    {
        ArgumentNullException.ThrowIfNull(faults);
        _faults = faults;
        _before = faults.Count;
        _struckBefore = faults.Struck.Count;
        if (nth > 0)
        {
            faults.FailAt(nth, errno, moment);
        }
    }

    /// <summary>To be called when the operation has ended: from here on every call is let through.</summary>
    /// <exception cref="InvalidOperationException">It was never armed.</exception>
    public void Disarm()
    {
        var faults = _faults ?? throw new InvalidOperationException($"The trial of {operation} was never armed, so no call of it can fail.");
        Calls = faults.Count - _before;
        Struck = faults.Struck.Skip(_struckBefore).FirstOrDefault();
        faults.Reset();
    }

    /// <summary>Operation, call, errno and moment.</summary>
    public override string ToString() => nth == 0
        ? $"{operation}, no call fails"
        : $"{operation}, call {nth} ({Struck ?? "not reached"}), {errno}, {(moment == FaultMoment.BeforeEffect ? "before its effect" : "after its effect")}";
}
