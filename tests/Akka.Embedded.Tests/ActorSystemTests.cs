using Akka.Actor;
using Akka.Configuration;
using Akka.Embedded.Tests.Support;

namespace Akka.Embedded.Tests;

public sealed class ActorSystemTests
{
    [Fact]
    public async Task Termination_stops_the_actors_and_runs_callbacks_last_registered_first()
    {
        var (system, journal) = (ActorSystem.Create("ending", Spec.QuietConfig), new Journal());
        system.RegisterOnTermination(() => journal.Add("first"));
        system.RegisterOnTermination(() => journal.Add("second"));
        var a = system.ActorOf(Fn.Of((x, m) => x.From.Tell(m), journal, "p", null, x => x.Ctx.ActorOf(Fn.Of((_, _) => { }, journal, "c"))));
        Assert.Equal("ready", await a.Ask<string>("ready", TimeSpan.FromSeconds(10)));
        await system.Terminate();
        Assert.True(system.WhenTerminated.IsCompletedSuccessfully);
        Assert.Equal("c.PostStop p.PostStop second first", string.Join(' ', journal.Lines[^4..]));
    }

    [Fact]
    public async Task After_termination_actors_are_refused_and_messages_do_no_harm()
    {
        var system = ActorSystem.Create("ended", Spec.QuietConfig);
        var a = system.ActorOf(Fn.Idle());
        await system.Terminate();
        var refused = Assert.Throws<InvalidOperationException>(() => system.ActorOf(Fn.Idle()));
        Assert.Equal("Cannot create child while terminating or terminated", refused.Message);
        a.Tell("x");
        await system.Terminate();
    }

    [Fact]
    public void Dispose_waits_for_the_end()
    {
        var system = ActorSystem.Create("disposed", Spec.QuietConfig);
        system.ActorOf(Fn.Idle());
        system.Dispose();
        Assert.True(system.WhenTerminated.IsCompleted);
    }

    [Fact]
    public async Task Actors_run_on_the_dispatcher_of_their_props_and_an_unknown_one_is_refused()
    {
        var system = ActorSystem.Create("dispatched", Spec.QuietConfig);
        var props = Fn.Of((x, _) => x.From.Tell(x.Ctx.Dispatcher.Id));
        Assert.Equal("akka.actor.default-dispatcher", await system.ActorOf(props).Ask<string>(1, TimeSpan.FromSeconds(10)));
        var other = props.WithDispatcher("akka.actor.internal-dispatcher");
        Assert.Equal("akka.actor.internal-dispatcher", await system.ActorOf(other).Ask<string>(1, TimeSpan.FromSeconds(10)));
        Assert.Throws<ConfigurationException>(() => system.ActorOf(props.WithDispatcher("no.such")));
        await system.Terminate();
    }

    [Fact]
    public async Task Thousands_of_actors_come_and_go()
    {
        var system = ActorSystem.Create("crowded", Spec.QuietConfig);
        using var ended = new CountdownEvent(5000);
        var parent = system.ActorOf(Fn.Of((x, m) =>
        {
            if (m is Terminated) ended.Signal();
            else x.Ctx.Watch(x.Ctx.ActorOf(Fn.Idle())).Tell(PoisonPill.Instance);
        }));
        for (var i = 0; i < 5000; i++) parent.Tell("one more");
        Assert.True(ended.Wait(TimeSpan.FromSeconds(30)));
        await system.Terminate();
    }
}
