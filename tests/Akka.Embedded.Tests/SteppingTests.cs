using Akka.Actor;
using Akka.Embedded.Tests.Support;

namespace Akka.Embedded.Tests;

public sealed class SteppingTests
{
    private const string Config = """
        akka.actor.default-dispatcher.executor = ""
        akka.actor.default-dispatcher.type = "Akka.Embedded.Tests.Support.SteppedConfigurator, Akka.Embedded.Tests"
        akka.actor.default-dispatcher.throughput = 1
        akka.actor.internal-dispatcher.executor = ""
        akka.actor.internal-dispatcher.type = "Akka.Embedded.Tests.Support.SteppedConfigurator, Akka.Embedded.Tests"
        akka.loggers = []
        akka.stdout-loglevel = OFF
        akka.scheduler.implementation = "Akka.Embedded.Tests.Support.VirtualScheduler, Akka.Embedded.Tests"
        akka.coordinated-shutdown.run-by-clr-shutdown-hook = off
        """;

    [Fact]
    public void The_same_seed_gives_the_same_order_and_another_seed_another_one()
    {
        var orders = Enumerable.Range(0, 8).Select(OrderOf).ToArray();
        Assert.Equal(orders, Enumerable.Range(0, 8).Select(OrderOf));
        Assert.True(orders.Distinct().Count() > 1);
        Assert.All(orders, o => Assert.Equal("0 1 2 3 4 5", string.Join(' ', o.Split(' ').Order())));
    }

    [Fact]
    public void A_turn_runs_one_message_more_than_the_throughput()
    {
        var (system, journal) = (Begin(1), new Journal());
        var a = system.ActorOf(Fn.Of((_, m) => journal.Add(m)));
        Stepper.RunToQuiet();
        for (var i = 0; i < 5; i++) a.Tell(i);
        Assert.Equal(3, Stepper.RunToQuiet());
        Assert.Equal("0 1 2 3 4", journal.ToString());
        End(system);
    }

    [Fact]
    public void A_timer_of_an_hour_fires_when_virtual_time_passes_it()
    {
        var (system, journal) = (Begin(1), new Journal());
        var a = system.ActorOf(Fn.Of((x, m) => journal.Add($"{m}@{x.Ctx.System.Scheduler.MonotonicClock.TotalMinutes}")));
        system.Scheduler.ScheduleTellOnce(TimeSpan.FromHours(1), a, "once", ActorRefs.NoSender);
        var repeated = system.Scheduler.ScheduleTellRepeatedlyCancelable(TimeSpan.FromMinutes(25), TimeSpan.FromMinutes(25), a, "again", ActorRefs.NoSender);
        var time = (VirtualScheduler)system.Scheduler;
        time.Advance(TimeSpan.FromMinutes(59));
        Assert.Equal("again@25 again@50", journal.ToString());
        repeated.Cancel();
        time.Advance(TimeSpan.FromMinutes(60));
        Assert.Equal("again@25 again@50 once@60", journal.ToString());
        End(system);
    }

    [Fact]
    public void An_empty_queue_means_that_the_system_is_quiet_and_it_ends_by_stepping()
    {
        var (system, journal) = (Begin(3), new Journal());
        var parent = system.ActorOf(Fn.Of((_, _) => { }, journal, "p", null, x => x.Ctx.ActorOf(Fn.Of((_, _) => { }, journal, "c"))));
        var asked = system.ActorOf(Fn.Echo()).Ask<int>(7);
        Stepper.RunToQuiet();
        Assert.True(asked.IsCompletedSuccessfully);
        Assert.Equal(0, Stepper.RunToQuiet());
        Assert.NotNull(parent);
        End(system);
        Assert.Equal("p.PreStart c.PreStart c.PostStop p.PostStop", journal.ToString());
    }

    private static string OrderOf(int seed)
    {
        var (system, journal) = (Begin(seed), new Journal());
        var actors = Enumerable.Range(0, 6).Select(i => system.ActorOf(Fn.Of((_, m) => journal.Add(m)))).ToArray();
        Stepper.RunToQuiet();
        for (var i = 0; i < actors.Length; i++) actors[i].Tell(i);
        Stepper.RunToQuiet();
        End(system);
        return journal.ToString();
    }

    private static ActorSystem Begin(int seed)
    {
        Stepper.Seed(seed);
        return ActorSystem.Create("stepped", Config);
    }

    // The real Akka runs parts of its start and end beside its dispatchers, hence the loop.
    private static void End(ActorSystem system)
    {
        var ended = system.Terminate();
        Assert.True(SpinWait.SpinUntil(
            () =>
            {
                Stepper.RunToQuiet();
                return ended.IsCompleted;
            },
            TimeSpan.FromSeconds(10)));
    }
}
