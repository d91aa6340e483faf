using Akka.Actor;
using Akka.Embedded.Tests.Support;
using Xunit.Sdk;

namespace Akka.Embedded.Tests;

public sealed class TestKitTests : Spec
{
    [Fact]
    public void An_expectation_takes_the_next_message_also_when_it_is_another()
    {
        TestActor.Tell("x");
        TestActor.Tell(1);
        Assert.ThrowsAny<XunitException>(() => ExpectMsg<int>(Second));
        ExpectMsg(1);
        TestActor.Tell(2);
        Assert.ThrowsAny<XunitException>(() => ExpectMsg(3));
        Assert.ThrowsAny<XunitException>(() => ExpectMsg<int>(Moment));
    }

    [Fact]
    public void Expectations_can_ask_for_more_than_the_type()
    {
        foreach (var i in new[] { 1, 2, 3 }) TestActor.Tell(i);
        Assert.Equal(1, ExpectMsg<int>(i => i == 1));
        ExpectMsg<int>(i => Assert.Equal(2, i));
        ExpectMsg<int>((i, sender) => i == 3 && sender.Equals(TestActor));
        TestActor.Tell(4);
        Assert.ThrowsAny<XunitException>(() => ExpectMsg<int>(i => i == 5));
    }

    [Fact]
    public void Fishing_drops_what_does_not_fit()
    {
        foreach (var m in new object[] { "a", "b", 3 }) TestActor.Tell(m);
        Assert.Equal(3, FishForMessage(m => m is int));
        Assert.Null(ReceiveOne(TimeSpan.Zero));
        Assert.ThrowsAny<XunitException>(() => FishForMessage<int>(_ => true, Moment));
    }

    [Fact]
    public void Messages_can_be_ignored_and_peeked_at()
    {
        IgnoreMessages(m => m is string);
        TestActor.Tell("no");
        TestActor.Tell(1);
        ExpectMsg(1);
        IgnoreNoMessages();
        TestActor.Tell("yes");
        Assert.Equal("yes", PeekOne(Second));
        ExpectMsg("yes");
        Assert.False(HasMessages);
    }

    [Fact]
    public void Several_messages_are_expected_in_any_order()
    {
        TestActor.Tell(2);
        TestActor.Tell(1);
        ExpectMsgAllOf(1, 2);
        TestActor.Tell("z");
        Assert.Equal("z", ExpectMsgAnyOf(["y", "z"]));
        TestActor.Tell(1);
        TestActor.Tell(3);
        Assert.ThrowsAny<XunitException>(() => ExpectMsgAllOf(1, 2));
        for (var i = 0; i < 5; i++) TestActor.Tell(i);
        Assert.Equal([0, 1, 2, 3, 4], ReceiveN(5, Second));
    }

    [Fact]
    public void Receive_while_leaves_the_first_that_does_not_fit()
    {
        foreach (var m in new object[] { 1, 2, "end" }) TestActor.Tell(m);
        Assert.Equal([1, 2], ReceiveWhile<object>(m => m is int ? m : null!, Second));
        ExpectMsg("end");
    }

    [Fact]
    public void Terminated_is_expected_only_after_a_watch()
    {
        var a = Sys.ActorOf(Fn.Idle());
        Sys.Stop(a);
        Assert.ThrowsAny<XunitException>(() => ExpectTerminated(a, Moment));
    }

    [Fact]
    public void Within_bounds_the_waits_inside_and_checks_its_own_time()
    {
        var start = Now;
        Assert.ThrowsAny<Exception>(() => Within(Moment, () => ExpectMsg("never")));
        Assert.True(Now - start < Patience);
        Assert.ThrowsAny<XunitException>(() => Within(Second, Patience, () => { }));
        Assert.Equal(5, Within(Second, () => 5));
    }

    [Fact]
    public void Waiting_for_nothing_fails_when_something_comes()
    {
        TestActor.Tell("x");
        Assert.ThrowsAny<XunitException>(() => ExpectNoMsg(Second));
        ExpectNoMsg(10);
    }

    [Fact]
    public void Assertions_and_conditions_are_tried_again()
    {
        var (tries, soon) = (0, TimeSpan.FromMilliseconds(1));
        AwaitAssert(() => Assert.True(++tries >= 3), Patience, soon);
        Assert.Throws<BoomException>(() => AwaitAssert(() => throw new BoomException(), Moment, soon));
        AwaitCondition(() => ++tries > 5, Patience, soon);
        Assert.ThrowsAny<XunitException>(() => AwaitCondition(() => false, Moment));
        Assert.False(AwaitConditionNoThrow(() => false, Moment));
    }

    [Fact]
    public void A_probe_sends_replies_and_forwards_and_is_a_ref_itself()
    {
        var (probe, echo) = (CreateTestProbe("probe"), Sys.ActorOf(Fn.Echo()));
        probe.Send(echo, 1);
        probe.ExpectMsg(1);
        Assert.Equal(echo, probe.LastSender);
        probe.Ref.Tell("question", TestActor);
        probe.ExpectMsg("question");
        probe.Reply("answer");
        ExpectMsgFrom(probe.Ref, "answer");
        probe.Forward(echo);
        ExpectMsg("question");
        Start((_, m) => ((IActorRef)m).Tell("to the probe")).Tell(probe);
        probe.ExpectMsg("to the probe");
        Assert.True(probe.Ref.Equals(probe));
        probe.Watch(echo);
        Sys.Stop(echo);
        probe.ExpectTerminated(echo);
    }

    [Fact]
    public async Task The_implicit_sender_survives_awaits()
    {
        var echo = Sys.ActorOf(Fn.Echo());
        await Task.Yield();
        echo.Tell(1);
        ExpectMsg(1);
        await echo.Ask<int>(2, Patience);
        echo.Tell(3);
        ExpectMsg(3);
    }
}
