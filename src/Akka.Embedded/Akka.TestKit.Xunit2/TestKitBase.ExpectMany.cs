using Xunit;

namespace Akka.TestKit;

/// <content>Expecting several messages, in any order.</content>
public abstract partial class TestKitBase
{
    /// <summary>The next message, which has to be one of these.</summary>
    public T ExpectMsgAnyOf<T>(IEnumerable<T> messages, CancellationToken cancellationToken = default)
    {
        var wanted = messages.ToArray();
        return Expect<T>(null, null, (m, _) => Assert.Contains(m, wanted), cancellationToken);
    }

    public IReadOnlyCollection<T> ExpectMsgAllOf<T>(params T[] messages) => ExpectAll(RemainingOrDefault, messages, CancellationToken.None);

    public IReadOnlyCollection<T> ExpectMsgAllOf<T>(IReadOnlyCollection<T> messages, CancellationToken cancellationToken = default) =>
        ExpectAll(RemainingOrDefault, messages, cancellationToken);

    public IReadOnlyCollection<T> ExpectMsgAllOf<T>(TimeSpan max, params T[] messages) => ExpectAll(Dilated(max), messages, CancellationToken.None);

    /// <summary>As many messages as are given, each of which has to be among them.</summary>
    public IReadOnlyCollection<T> ExpectMsgAllOf<T>(TimeSpan max, IReadOnlyCollection<T> messages, CancellationToken cancellationToken = default) =>
        ExpectAll(Dilated(max), messages, cancellationToken);

    private T[] ExpectAll<T>(TimeSpan max, IReadOnlyCollection<T> messages, CancellationToken cancellationToken)
    {
        var missing = messages.ToList();
        var received = ReceiveMany(missing.Count, max, cancellationToken);
        var unexpected = received.Where(m => m is not T typed || !missing.Remove(typed)).ToArray();
        if (missing.Count + unexpected.Length > 0)
        {
            Assert.Fail($"Not found [{string.Join(", ", missing)}], found unexpected [{string.Join(", ", unexpected)}].");
        }
        return [.. received.Cast<T>()];
    }
}
