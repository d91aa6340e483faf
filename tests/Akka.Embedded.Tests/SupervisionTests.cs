using Akka.Actor;
using Akka.Embedded.Tests.Support;
using Akka.Event;

namespace Akka.Embedded.Tests;

public sealed class SupervisionTests : Spec
{
    [Fact]
    public void A_child_that_fails_is_stopped_and_its_siblings_are_not()
    {
        var journal = new Journal();
        var parent = Parent(new OneForOneStrategy(_ => Directive.Stop), Child(journal), 2);
        var (one, two) = (Kid(parent, "c1"), Kid(parent, "c2"));
        Watch(one);
        one.Tell("boom");
        one.Tell("too late");
        ExpectTerminated(one);
        two.Tell("hello");
        Eventually(() => Assert.Equal("c.PreStart c.PreStart c.PostStop hello", journal.ToString()));
    }

    [Fact]
    public void What_waits_when_an_actor_fails_becomes_dead_letters()
    {
        Hear<DeadLetter>();
        var a = Start((x, m) =>
        {
            x.Me.Tell("waiting");
            throw new BoomException();
        });
        a.Tell("go");
        Assert.Equal("waiting", ExpectMsg<DeadLetter>().Message);
    }

    [Fact]
    public void The_decider_sees_the_exception_and_the_child_waits_for_it()
    {
        var journal = new Journal();
        var strategy = new OneForOneStrategy(e =>
        {
            journal.Add("decided " + e.Message);
            return Directive.Stop;
        });
        var child = Kid(Parent(strategy, Child(journal)), "c1");
        Watch(child);
        child.Tell("boom");
        child.Tell("never");
        ExpectTerminated(child);
        Assert.Equal("c.PreStart decided boom c.PostStop", journal.ToString());
    }

    [Fact]
    public void A_table_of_exceptions_decides_as_well()
    {
        var decider = Decider.From(Directive.Stop, Directive.Stop.When<BoomException>());
        Assert.Equal(Directive.Stop, decider.Decide(new BoomException()));
        Assert.Equal(Directive.Stop, decider.Decide(new InvalidOperationException()));
        var child = Kid(Parent(new OneForOneStrategy(decider), Child(new Journal())), "c1");
        Watch(child);
        child.Tell("boom");
        ExpectTerminated(child);
    }

    [Fact]
    public void A_failure_is_logged_with_the_child_as_source()
    {
        Hear<Error>();
        var a = Sys.ActorOf(Child(new Journal()), "logged");
        a.Tell("boom");
        var error = ExpectMsg<Error>();
        Assert.Equal((a.Path.ToString(), "boom"), (error.LogSource, error.Message.ToString()));
        Assert.IsType<BoomException>(error.Cause);
        Assert.True(typeof(SupervisorStrategy).IsAssignableFrom(error.LogClass));
    }

    [Fact]
    public void A_strategy_can_be_silent()
    {
        Hear<Error>();
        var child = Kid(Parent(new OneForOneStrategy(_ => Directive.Stop, loggingEnabled: false), Child(new Journal())), "c1");
        Watch(child);
        child.Tell("boom");
        ExpectTerminated(child);
        Assert.False(HasMessages);
    }

    [Fact]
    public void The_strategy_of_the_props_wins_over_the_actors_own()
    {
        var journal = new Journal();
        var strategy = new OneForOneStrategy(_ =>
        {
            journal.Add("props");
            return Directive.Stop;
        });
        var parent = Parent(new OneForOneStrategy(_ => Directive.Stop), Child(new Journal()), 1, p => p.WithSupervisorStrategy(strategy));
        var child = Kid(parent, "c1");
        Watch(child);
        child.Tell("boom");
        ExpectTerminated(child);
        Assert.Equal("props", journal.ToString());
    }

    [Fact]
    public void A_constructor_that_throws_stops_the_actor_with_an_initialization_exception()
    {
        Hear<Error>();
        var a = Sys.ActorOf(Props.Create(() => new Unborn()));
        Watch(a);
        var seen = new[] { ReceiveOne(Patience), ReceiveOne(Patience) };
        var error = Assert.Single(seen.OfType<Error>());
        Assert.IsType<ActorInitializationException>(error.Cause);
        Assert.IsType<BoomException>(error.Cause.GetBaseException());
        Assert.Contains(seen, m => m is Terminated);
    }

    [Fact]
    public void A_prestart_that_throws_stops_the_actor_with_an_initialization_exception()
    {
        Hear<Error>();
        var a = Sys.ActorOf(Fn.Of((_, _) => { }, preStart: _ => throw new BoomException()));
        Watch(a);
        var seen = new[] { ReceiveOne(Patience), ReceiveOne(Patience) };
        var error = Assert.Single(seen.OfType<Error>());
        Assert.IsType<BoomException>(Assert.IsType<ActorInitializationException>(error.Cause).InnerException);
        Assert.Contains(seen, m => m is Terminated);
    }

    [Fact]
    public void A_poststop_that_throws_is_logged_and_the_actor_ends()
    {
        Hear<Error>();
        var a = Sys.ActorOf(Props.Create(() => new Hooked(new Journal(), true)));
        Watch(a);
        Sys.Stop(a);
        Assert.IsType<BoomException>(ExpectMsg<Error>().Cause);
        ExpectTerminated(a);
    }

    [Fact]
    public void A_disposable_actor_is_disposed_after_poststop()
    {
        var journal = new Journal();
        var a = Sys.ActorOf(Props.Create(() => new Hooked(journal, false)));
        Watch(a);
        a.Tell(PoisonPill.Instance);
        ExpectTerminated(a);
        Assert.Equal("stop dispose", journal.ToString());
    }

    [Fact]
    public void Children_stop_before_their_parent_also_when_that_failed()
    {
        foreach (var message in new object[] { PoisonPill.Instance, "boom" })
        {
            var journal = new Journal();
            var parent = Sys.ActorOf(Fn.Of(
                (_, _) => throw new BoomException(), journal, "p", null, x => x.Ctx.ActorOf(Fn.Of((_, _) => { }, journal, "c"))));
            Watch(parent);
            parent.Tell(message);
            ExpectTerminated(parent);
            Assert.Equal("p.PreStart c.PreStart c.PostStop p.PostStop", journal.ToString());
        }
    }

    [Fact]
    public async Task An_actor_that_stops_can_make_no_children()
    {
        var thrown = new TaskCompletionSource<Exception?>();
        var a = Sys.ActorOf(Props.Create(() => new Undying(thrown)));
        Sys.Stop(a);
        Assert.IsType<InvalidOperationException>(await thrown.Task.WaitAsync(Patience));
    }

    private static Props Child(Journal journal) => Fn.Of(
        (_, m) =>
        {
            if (m is "boom") throw new BoomException();
            journal.Add(m);
        },
        journal,
        "c");

    private IActorRef Parent(SupervisorStrategy strategy, Props child, int children = 1, Func<Props, Props>? with = null)
    {
        var props = Fn.Of(
            (x, m) => x.From.Tell(x.Ctx.Child((string)m)),
            null,
            "p",
            strategy,
            x =>
            {
                for (var i = 1; i <= children; i++) x.Ctx.ActorOf(child, "c" + i);
            });
        return Sys.ActorOf(with is null ? props : with(props));
    }

    private IActorRef Kid(IActorRef parent, string name)
    {
        parent.Tell(name, TestActor);
        return ExpectMsg<IActorRef>();
    }

    private sealed class Unborn : ReceiveActor
    {
        public Unborn() => throw new BoomException();
    }

    private sealed class Hooked(Journal journal, bool fails) : UntypedActor, IDisposable
    {
        public void Dispose() => journal.Add("dispose");

        protected override void OnReceive(object message)
        {
        }

        protected override void PostStop()
        {
            journal.Add("stop");
            if (fails) throw new BoomException();
        }
    }

    private sealed class Undying(TaskCompletionSource<Exception?> thrown) : UntypedActor
    {
        protected override void OnReceive(object message)
        {
        }

        protected override void PostStop() => thrown.SetResult(Record.Exception(() => Context.ActorOf(Fn.Idle())));
    }
}
