using Akka.Actor;
using Xunit;

namespace Akka.TestKit;

/// <content>Expecting one message: the next one is taken, and fails the test when it is another.</content>
public abstract partial class TestKitBase
{
    public T ExpectMsg<T>(TimeSpan? duration = null, string hint = null, CancellationToken cancellationToken = default) =>
        Expect<T>(duration, hint, null, cancellationToken);

    public T ExpectMsg<T>(T message, TimeSpan? timeout = null, string hint = null, CancellationToken cancellationToken = default) =>
        Expect<T>(timeout, hint, (m, _) => Assert.Equal(message, m), cancellationToken);

    public T ExpectMsg<T>(Predicate<T> isMessage, TimeSpan? timeout = null, string hint = null, CancellationToken cancellationToken = default) =>
        Expect<T>(timeout, hint, (m, _) => Check(isMessage(m), m, hint), cancellationToken);

    public T ExpectMsg<T>(Action<T> assert, TimeSpan? timeout = null, string hint = null, CancellationToken cancellationToken = default) =>
        Expect<T>(timeout, hint, (m, _) => assert(m), cancellationToken);

    public T ExpectMsg<T>(
        Func<T, IActorRef, bool> isMessageAndSender, TimeSpan? timeout = null, string hint = null, CancellationToken cancellationToken = default) =>
        Expect<T>(timeout, hint, (m, s) => Check(isMessageAndSender(m, s), m, hint), cancellationToken);

    public T ExpectMsg<T>(
        Action<T, IActorRef> assertMessageAndSender, TimeSpan? timeout = null, string hint = null, CancellationToken cancellationToken = default) =>
        Expect(timeout, hint, assertMessageAndSender, cancellationToken);

    public T ExpectMsg<T>(
        T expected, Func<T, T, bool> comparer, TimeSpan? timeout = null, string hint = null, CancellationToken cancellationToken = default) =>
        Expect<T>(timeout, hint, (m, _) => Check(comparer(expected, m), m, $"expected {expected}. {hint}"), cancellationToken);

    /// <summary>The Terminated of an actor that was watched before.</summary>
    public Terminated ExpectTerminated(IActorRef target, TimeSpan? timeout = null, string hint = null, CancellationToken cancellationToken = default) =>
        Expect<Terminated>(timeout, hint, (t, _) => Assert.Equal(target, t.ActorRef), cancellationToken);

    public void ExpectNoMsg(CancellationToken cancellationToken = default) => ExpectNothing(RemainingOrDefault, cancellationToken);

    /// <summary>Waits all that time for nothing to come.</summary>
    public void ExpectNoMsg(TimeSpan duration, CancellationToken cancellationToken = default) => ExpectNothing(Dilated(duration), cancellationToken);

    public void ExpectNoMsg(int milliseconds, CancellationToken cancellationToken = default) =>
        ExpectNoMsg(TimeSpan.FromMilliseconds(milliseconds), cancellationToken);

    public T ExpectMsgFrom<T>(IActorRef sender, TimeSpan? duration = null, string hint = null, CancellationToken cancellationToken = default) =>
        Expect<T>(duration, hint, (_, s) => Assert.Equal(sender, s), cancellationToken);

    public T ExpectMsgFrom<T>(
        IActorRef sender, T message, TimeSpan? timeout = null, string hint = null, CancellationToken cancellationToken = default) =>
        Expect<T>(timeout, hint, (m, s) => CheckSenderThen(sender, s, () => Assert.Equal(message, m)), cancellationToken);

    public T ExpectMsgFrom<T>(
        IActorRef sender, Predicate<T> isMessage, TimeSpan? timeout = null, string hint = null, CancellationToken cancellationToken = default) =>
        Expect<T>(timeout, hint, (m, s) => CheckSenderThen(sender, s, () => Check(isMessage(m), m, hint)), cancellationToken);

    public T ExpectMsgFrom<T>(
        Predicate<IActorRef> isSender, Predicate<T> isMessage, TimeSpan? timeout = null, string hint = null, CancellationToken cancellationToken = default) =>
        Expect<T>(timeout, hint, (m, s) => Check(isSender(s) && isMessage(m), m, $"from {s}. {hint}"), cancellationToken);

    public T ExpectMsgFrom<T>(
        IActorRef sender, Action<T> assertMessage, TimeSpan? timeout = null, string hint = null, CancellationToken cancellationToken = default) =>
        Expect<T>(timeout, hint, (m, s) => CheckSenderThen(sender, s, () => assertMessage(m)), cancellationToken);

    public T ExpectMsgFrom<T>(
        Action<IActorRef> assertSender, Action<T> assertMessage, TimeSpan? timeout = null, string hint = null, CancellationToken cancellationToken = default) =>
        Expect<T>(
            timeout,
            hint,
            (m, s) =>
            {
                assertSender(s);
                assertMessage(m);
            },
            cancellationToken);

    private static void Check(bool holds, object message, string hint)
    {
        if (!holds) Assert.Fail($"Got a message of the expected type <{message?.GetType()}>. Also expected it to fit, but the message {{{message}}} does not. {hint}");
    }

    private static void CheckSenderThen(IActorRef expected, IActorRef actual, Action check)
    {
        Assert.Equal(expected, actual);
        check();
    }

    private T Expect<T>(TimeSpan? timeout, string hint, Action<T, IActorRef> check, CancellationToken cancellationToken)
    {
        var time = RemainingOrDilated(timeout);
        var received = Take(time, cancellationToken);
        if (received is null) Assert.Fail($"Timeout {time} while waiting for a message of type {typeof(T)}. {hint}");
        if (received!.Message is not T message)
        {
            Assert.Fail($"Expected a message of type {typeof(T)}, but received {{{received.Message}}} (type {received.Message.GetType()}) instead from {received.Sender}. {hint}");
            return default;
        }
        check?.Invoke(message, received.Sender);
        return message;
    }

    private void ExpectNothing(TimeSpan time, CancellationToken cancellationToken)
    {
        var received = Take(time, cancellationToken);
        if (received is not null) Assert.Fail($"Expected no messages during {time}, instead we received {received.Message} from {received.Sender}.");
        _lastWasNoMsg = true;
    }
}
