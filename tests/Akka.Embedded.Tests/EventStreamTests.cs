using Akka.Actor;
using Akka.Embedded.Tests.Support;
using Akka.Event;

namespace Akka.Embedded.Tests;

public sealed class EventStreamTests : Spec
{
    private interface IMarked;

    [Fact]
    public void A_subscription_covers_subtypes_and_implementing_types()
    {
        Hear<Happened>();
        Sys.EventStream.Publish(new MoreHappened());
        ExpectMsg<MoreHappened>();
        Sys.EventStream.Unsubscribe(TestActor);
        Hear<IMarked>();
        Sys.EventStream.Publish(new Happened());
        Sys.EventStream.Publish(new MoreHappened());
        ExpectMsg<MoreHappened>();
    }

    [Fact]
    public void The_second_subscription_is_none_and_unsubscribing_ends_it()
    {
        Assert.True(Sys.EventStream.Subscribe(TestActor, typeof(Happened)));
        Assert.False(Sys.EventStream.Subscribe(TestActor, typeof(Happened)));
        Assert.True(Sys.EventStream.Unsubscribe(TestActor, typeof(Happened)));
        Sys.EventStream.Publish(new Happened());
        Assert.False(HasMessages);
    }

    [Fact]
    public void A_subscriber_of_two_types_gets_an_event_once()
    {
        Hear<Happened>();
        Sys.EventStream.Subscribe<MoreHappened>(TestActor);
        Sys.EventStream.Publish(new MoreHappened());
        Sys.EventStream.Publish(new Happened());
        Assert.IsType<MoreHappened>(ExpectMsg<Happened>());
        Assert.IsType<Happened>(ExpectMsg<Happened>());
        Assert.False(HasMessages);
    }

    [Fact]
    public void The_sender_is_the_actor_that_publishes()
    {
        Hear<Happened>();
        var a = Start((x, _) => x.Ctx.System.EventStream.Publish(new Happened()));
        a.Tell(1);
        ExpectMsgFrom<Happened>(a);
    }

    [Fact]
    public void A_subscriber_that_stopped_is_subscribed_no_more()
    {
        var a = Sys.ActorOf(Fn.Idle());
        Sys.EventStream.Subscribe(a, typeof(Happened));
        Watch(a);
        Sys.Stop(a);
        ExpectTerminated(a);
        Eventually(() => Assert.False(Sys.EventStream.Unsubscribe(a)));
    }

    private class Happened;

    private sealed class MoreHappened : Happened, IMarked;
}
