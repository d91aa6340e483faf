using Xunit.Abstractions;

namespace Vmm.Contract.Running;

/// <summary>
/// Collects what xunit tells while it looks for tests or runs them. <paramref name="output"/> is told what did not pass,
/// <paramref name="started"/> each test before it runs: of a run that does not end, the last line is the test that hangs.
/// </summary>
internal sealed class ResultSink(TextWriter? output = null, TextWriter? started = null) : LongLivedMarshalByRefObject, IMessageSink, IDisposable
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<TestOutcome> _outcomes = [];
    private readonly Lock _gate = new();

    public List<ITestCase> Cases { get; } = [];

    /// <summary>Completes with the search or the run.</summary>
    public Task Ended => _ended.Task;

    public TestReport ToReport()
    {
        lock (_gate)
        {
            return new TestReport([.. _outcomes]);
        }
    }

    public bool OnMessage(IMessageSinkMessage message)
    {
        lock (_gate)
        {
            Take(message);
        }

        return true;
    }

    public void Dispose() => _ended.TrySetResult();

    private void Take(IMessageSinkMessage message)
    {
        switch (message)
        {
            case ITestCaseDiscoveryMessage found:
                Cases.Add(found.TestCase);
                break;
            case ITestStarting starting:
                started?.WriteLine(starting.Test.DisplayName);
                started?.Flush();
                break;
            case ITestPassed passed:
                Add(new TestOutcome(passed.Test.DisplayName, "Passed", passed.ExecutionTime, ""));
                break;
            case ITestSkipped skipped:
                Add(new TestOutcome(skipped.Test.DisplayName, "NotExecuted", 0, skipped.Reason));
                break;
            case ITestFailed failed:
                Add(new TestOutcome(failed.Test.DisplayName, "Failed", failed.ExecutionTime, Words(failed)));
                break;
            case IDiscoveryCompleteMessage or ITestAssemblyFinished:
                _ended.TrySetResult();
                break;
            case IErrorMessage or ITestClassCleanupFailure or ITestCollectionCleanupFailure or ITestAssemblyCleanupFailure or ITestCleanupFailure:
                Add(new TestOutcome(message.GetType().Name, "Failed", 0, Words((IFailureInformation)message)));
                break;
        }
    }

    private void Add(TestOutcome outcome)
    {
        _outcomes.Add(outcome);
        if (outcome.Outcome != "Passed")
        {
            output?.WriteLine($"{outcome.Outcome}: {outcome.Name}: {outcome.Words}");
        }
    }

    private static string Words(IFailureInformation failure) =>
        string.Join('\n', failure.Messages.Concat(failure.StackTraces.Where(trace => trace is not null)));
}
