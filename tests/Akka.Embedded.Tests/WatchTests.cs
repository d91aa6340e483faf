using Akka.Actor;
using Akka.Embedded.Tests.Support;
using Akka.Event;

namespace Akka.Embedded.Tests;

public sealed class WatchTests : Spec
{
    [Fact]
    public void Terminated_comes_once_however_often_one_watches()
    {
        var a = Sys.ActorOf(Fn.Idle());
        Watch(a);
        Watch(a);
        Sys.Stop(a);
        var end = ExpectMsg<Terminated>();
        Assert.Equal((a, true, false), (end.ActorRef, end.ExistenceConfirmed, end.AddressTerminated));
        ExpectNoMsg(Moment);
    }

    [Fact]
    public void Watching_a_dead_actor_is_answered_without_confirmation()
    {
        var a = Sys.ActorOf(Fn.Idle());
        Watch(a);
        Sys.Stop(a);
        ExpectTerminated(a);
        Watch(a);
        Assert.False(ExpectMsg<Terminated>().ExistenceConfirmed);
    }

    [Fact]
    public void Unwatch_drops_a_terminated_that_is_queued_already()
    {
        var a = Sys.ActorOf(Fn.Idle());
        var probe = CreateTestProbe();
        probe.Watch(a);
        // It unwatches when another watcher has heard the news: its own is on the way then, or there.
        var w = Start((x, m) =>
        {
            switch (m)
            {
                case "watch":
                    x.Ctx.Watch(a);
                    TestActor.Tell("watching");
                    break;
                case "unwatch":
                    Sys.Stop(a);
                    SpinWait.SpinUntil(() => probe.HasMessages, Patience);
                    x.Ctx.Unwatch(a);
                    x.Me.Tell("end");
                    break;
                default:
                    TestActor.Tell(m);
                    break;
            }
        });
        w.Tell("watch");
        ExpectMsg("watching");
        w.Tell("unwatch");
        ExpectMsg("end");
        ExpectNoMsg(Moment);
    }

    [Fact]
    public void A_message_of_ones_own_comes_from_the_deceased()
    {
        var a = Sys.ActorOf(Fn.Idle());
        var w = Start((x, m) =>
        {
            if (m is "watch") x.Ctx.WatchWith(a, "dead");
            TestActor.Tell(m);
            TestActor.Tell(x.From);
        });
        w.Tell("watch");
        ExpectMsg("watch");
        ExpectMsg<IActorRef>();
        Sys.Stop(a);
        ExpectMsg("dead");
        Assert.Equal(a, ExpectMsg<IActorRef>());
    }

    [Fact]
    public void The_first_kind_of_watch_wins()
    {
        var a = Sys.ActorOf(Fn.Idle());
        var w = Start((x, m) =>
        {
            if (m is "watch")
            {
                x.Ctx.Watch(a);
                x.Ctx.WatchWith(a, "custom");
            }
            TestActor.Tell(m is Terminated ? "plain" : m);
        });
        w.Tell("watch");
        ExpectMsg("watch");
        Sys.Stop(a);
        ExpectMsg("plain");
        ExpectNoMsg(Moment);
    }

    [Fact]
    public void A_forwarded_terminated_is_dropped_by_who_does_not_watch()
    {
        var a = Sys.ActorOf(Fn.Idle());
        var w = Start((x, m) =>
        {
            if (m is "watch") x.Ctx.Watch(a);
            TestActor.Tell(m);
            if (m is Terminated) TestActor.Tell("after");
        });
        w.Tell("watch");
        ExpectMsg("watch");
        Sys.Stop(a);
        ExpectMsg("after");
    }

    [Fact]
    public void An_unhandled_terminated_breaks_a_receive_actor()
    {
        var a = Sys.ActorOf(Fn.Idle());
        var w = Sys.ActorOf(Props.Create(() => new Pact(a, TestActor)));
        Watch(w);
        ExpectMsg("watching");
        Hear<Error>();
        Sys.Stop(a);
        Assert.IsType<DeathPactException>(ExpectMsg<Error>().Cause);
        ExpectTerminated(w);
    }

    [Fact]
    public void An_untyped_actor_that_ignores_terminated_lives_on()
    {
        var a = Sys.ActorOf(Fn.Idle());
        var w = Start((x, m) =>
        {
            if (m is "watch") x.Ctx.Watch(a);
            if (m is string) TestActor.Tell(m);
            if (m is Terminated) x.Me.Tell("alive");
        });
        w.Tell("watch");
        ExpectMsg("watch");
        Sys.Stop(a);
        ExpectMsg("alive");
    }

    [Fact]
    public void Terminated_comes_after_all_that_the_deceased_sent()
    {
        var a = Start((x, _) =>
        {
            for (var i = 0; i < 100; i++) TestActor.Tell(i);
            x.Ctx.Stop(x.Me);
        });
        Watch(a);
        a.Tell("go");
        for (var i = 0; i < 100; i++) ExpectMsg(i);
        ExpectTerminated(a);
    }

    [Fact]
    public void A_stashed_terminated_comes_back()
    {
        var a = Sys.ActorOf(Fn.Idle());
        var w = Sys.ActorOf(Props.Create(() => new Stasher(a, TestActor)));
        ExpectMsg("watching");
        Sys.Stop(a);
        ExpectMsg("stashed");
        w.Tell("open");
        ExpectMsg("terminated");
    }

    private sealed class Pact : ReceiveActor
    {
        private readonly IActorRef _subject;
        private readonly IActorRef _probe;

        public Pact(IActorRef subject, IActorRef probe)
        {
            (_subject, _probe) = (subject, probe);
            Receive<int>(_ => { });
        }

        protected override void PreStart()
        {
            Context.Watch(_subject);
            _probe.Tell("watching");
        }
    }

    private sealed class Stasher : ReceiveActor, IWithUnboundedStash
    {
        public Stasher(IActorRef subject, IActorRef probe)
        {
            Context.Watch(subject);
            probe.Tell("watching");
            Receive<Terminated>(_ =>
            {
                Stash.Stash();
                probe.Tell("stashed");
            });
            Receive<string>(_ =>
            {
                Become(() => Receive<Terminated>(_ => probe.Tell("terminated")));
                Stash.UnstashAll();
            });
        }

        public IStash Stash { get; set; } = null!;
    }
}
