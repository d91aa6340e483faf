using Akka.TestKit.Internal;
using Xunit;

namespace Akka.TestKit;

/// <content>Time limits, and waiting for conditions.</content>
public abstract partial class TestKitBase
{
    private static readonly TimeSpan DefaultInterval = TimeSpan.FromMilliseconds(100);
    private TimeSpan? _end;
    private bool _lastWasNoMsg;

    /// <summary>What is left of the block of Within.</summary>
    /// <exception cref="InvalidOperationException">Not inside Within.</exception>
    public TimeSpan Remaining => _end is { } end ? Max(end - Now, TimeSpan.Zero)
        : throw new InvalidOperationException("Remaining has a meaning only inside of Within.");

    /// <summary>What is left of the block of Within, or the default of a single expectation.</summary>
    public TimeSpan RemainingOrDefault => RemainingOr(Dilated(_singleExpect));

    /// <summary>The duration times the time factor of the configuration.</summary>
    public TimeSpan Dilated(TimeSpan duration) => duration * _timeFactor;

    public TimeSpan RemainingOrDilated(TimeSpan? duration) => duration switch
    {
        null => RemainingOrDefault,
        { } time when time < TimeSpan.Zero => throw new ArgumentException("The duration must be finite and not negative.", nameof(duration)),
        { } time => Dilated(time),
    };

    /// <summary>The time-out, or the default one.</summary>
    public TimeSpan GetTimeoutOrDefault(TimeSpan? timeout) => RemainingOrDilated(timeout);

    public void Within(TimeSpan max, Action action, TimeSpan? epsilonValue = null, CancellationToken cancellationToken = default) =>
        Within(TimeSpan.Zero, max, action, null, epsilonValue, cancellationToken);

    public void Within(
        TimeSpan min, TimeSpan max, Action action, string hint = null, TimeSpan? epsilonValue = null, CancellationToken cancellationToken = default) =>
        Within(
            min,
            max,
            () =>
            {
                action();
                return true;
            },
            hint,
            epsilonValue,
            cancellationToken);

    public T Within<T>(TimeSpan max, Func<T> function, TimeSpan? epsilonValue = null, CancellationToken cancellationToken = default) =>
        Within(TimeSpan.Zero, max, function, null, epsilonValue, cancellationToken);

    /// <summary>Runs a block whose waits are bounded together, and fails when it was too short or too long.</summary>
    public T Within<T>(
        TimeSpan min, TimeSpan max, Func<T> function, string hint = null, TimeSpan? epsilonValue = null, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var (start, outer) = (Now, _end);
        var allowed = Min(Dilated(max), outer is { } end ? end - start : TimeSpan.MaxValue);
        if (allowed < min) Assert.Fail($"Required min time {min} not possible, only {allowed} left. {hint}");
        _end = start + allowed;
        _lastWasNoMsg = false;
        T result;
        try
        {
            result = function();
        }
        finally
        {
            _end = outer;
        }
        var took = Now - start;
        if (took < min) Assert.Fail($"Block took {took}, should have at least been {min}. {hint}");
        // A block that ends with waiting for nothing uses up its time by design.
        if (!_lastWasNoMsg && took > allowed + (epsilonValue ?? TimeSpan.Zero)) Assert.Fail($"Block took {took}, exceeding {allowed}. {hint}");
        return result;
    }

    /// <summary>Tries until the assertion does not throw; at the end its exception is the result.</summary>
    public void AwaitAssert(Action assertion, TimeSpan? duration = null, TimeSpan? interval = null, CancellationToken cancellationToken = default)
    {
        var end = Now + RemainingOrDilated(duration);
        while (true)
        {
            try
            {
                assertion();
                return;
            }
            catch (Exception) when (Now < end && !cancellationToken.IsCancellationRequested)
            {
                TestClock.Pass(Min(interval ?? DefaultInterval, end - Now), cancellationToken);
            }
        }
    }

    public void AwaitCondition(Func<bool> conditionIsFulfilled, CancellationToken cancellationToken = default) =>
        AwaitCondition(conditionIsFulfilled, null, null, null, cancellationToken);

    public void AwaitCondition(Func<bool> conditionIsFulfilled, TimeSpan? max, CancellationToken cancellationToken = default) =>
        AwaitCondition(conditionIsFulfilled, max, null, null, cancellationToken);

    public void AwaitCondition(Func<bool> conditionIsFulfilled, TimeSpan? max, string message, CancellationToken cancellationToken = default) =>
        AwaitCondition(conditionIsFulfilled, max, null, message, cancellationToken);

    /// <summary>Waits until the condition holds, and fails when it does not in time.</summary>
    public void AwaitCondition(
        Func<bool> conditionIsFulfilled, TimeSpan? max, TimeSpan? interval, string message = null, CancellationToken cancellationToken = default)
    {
        var time = RemainingOrDilated(max);
        if (!AwaitConditionNoThrow(conditionIsFulfilled, time, interval, cancellationToken)) Assert.Fail($"Timeout {time} expired while waiting for condition. {message}");
    }

    /// <summary>Waits until the condition holds; false when it does not in time.</summary>
    public bool AwaitConditionNoThrow(Func<bool> conditionIsFulfilled, TimeSpan max, TimeSpan? interval = null, CancellationToken cancellationToken = default)
    {
        var end = Now + max;
        while (!conditionIsFulfilled())
        {
            if (Now >= end) return false;
            TestClock.Pass(Min(interval ?? DefaultInterval, end - Now), cancellationToken);
        }
        return true;
    }

    /// <summary>What is left of the block of Within, or the duration.</summary>
    protected TimeSpan RemainingOr(TimeSpan duration) => _end is null ? duration : Remaining;

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
