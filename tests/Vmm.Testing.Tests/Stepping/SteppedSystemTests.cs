using Akka.Actor;
using Vmm.Testing.Stepping;

namespace Vmm.Testing.Tests.Stepping;

public sealed class SteppedSystemTests
{
    [Fact]
    public void The_same_seed_gives_the_same_order()
    {
        var seeds = Enumerable.Range(1, 20).ToList();
        Assert.Equal(seeds.Select(OrderOf), seeds.Select(OrderOf));
    }

    [Fact]
    public void Different_seeds_reach_different_orders()
    {
        var orders = Enumerable.Range(1, 40).Select(OrderOf).Distinct(StringComparer.Ordinal).ToList();

        // Three independent actors can speak in six orders.
        Assert.Equal(6, orders.Count);
    }

    [Fact]
    public void Nothing_runs_until_it_is_stepped()
    {
        using var stepped = SteppedSystem.Create(1);
        var log = new List<string>();
        var actor = stepped.System.ActorOf(Props.Create(() => new Scribe(log)), "scribe");
        actor.Tell("hello", ActorRefs.NoSender);
        Assert.Empty(log);

        stepped.RunToQuiet();

        Assert.Equal(["hello"], log);
        Assert.Empty(stepped.Order.Waiting);
    }

    [Fact]
    public void Time_stands_still_until_it_is_advanced()
    {
        using var stepped = SteppedSystem.Create(1);
        var log = new List<string>();
        var actor = stepped.System.ActorOf(Props.Create(() => new Scribe(log)), "scribe");
        stepped.System.Scheduler.ScheduleTellOnce(TimeSpan.FromHours(1), actor, "hour", ActorRefs.NoSender);
        stepped.System.Scheduler.ScheduleTellRepeatedly(TimeSpan.FromMinutes(20), TimeSpan.FromMinutes(30), actor, "tick", ActorRefs.NoSender);

        stepped.Advance(TimeSpan.FromMinutes(59));
        Assert.Equal(["tick", "tick"], log);

        stepped.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(["tick", "tick", "hour"], log);
        Assert.Equal(TimeSpan.FromHours(1), stepped.Time.Now);
    }

    [Fact]
    public void A_cancelled_timer_does_not_fire_and_is_not_pending()
    {
        using var stepped = SteppedSystem.Create(1);
        var fired = 0;
        var cancel = new Cancelable(stepped.System.Scheduler);
        stepped.System.Scheduler.Advanced.ScheduleOnce(TimeSpan.FromSeconds(1), () => fired++, cancel);
        Assert.Equal(1, stepped.Time.Pending);

        cancel.Cancel();
        stepped.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(0, fired);
        Assert.Equal(0, stepped.Time.Pending);
    }

    [Fact]
    public void An_ask_and_its_continuations_are_settled()
    {
        using var stepped = SteppedSystem.Create(3);
        var echo = stepped.System.ActorOf(Props.Create(() => new Echo()), "echo");

        var reply = stepped.Settle(async () =>
        {
            var first = await echo.Ask<string>("a", TimeSpan.FromMinutes(1));
            var second = await echo.Ask<string>("b", TimeSpan.FromMinutes(1));
            return first + second;
        });

        Assert.Equal("ab", reply);
    }

    [Fact]
    public void Work_that_left_for_the_pool_is_waited_for()
    {
        using var stepped = SteppedSystem.Create(3);
        var answer = stepped.Settle(async () => await Task.Run(() => 42));
        Assert.Equal(42, answer);
    }

    [Fact]
    public void A_stall_says_what_was_waited_for_and_which_timer_is_next()
    {
        using var stepped = SteppedSystem.Create(7, TimeSpan.FromMilliseconds(1));
        stepped.System.Scheduler.Advanced.ScheduleOnce(TimeSpan.FromHours(5), () => { });
        var never = new TaskCompletionSource();

        var stalled = Assert.Throws<StalledException>(() => stepped.Settle(() => never.Task, "a reply"));

        Assert.Contains("Waited for a reply", stalled.Message, StringComparison.Ordinal);
        Assert.Contains("seed 7", stalled.Message, StringComparison.Ordinal);
        Assert.Contains("due at 05:00:00", stalled.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_only_a_timer_can_bring_on_moves_the_time_to_it()
    {
        using var stepped = SteppedSystem.Create(7);
        var rung = new TaskCompletionSource();
        stepped.System.Scheduler.Advanced.ScheduleOnce(TimeSpan.FromSeconds(5), rung.SetResult);

        stepped.Settle(() => rung.Task);

        Assert.Equal(TimeSpan.FromSeconds(5), stepped.Time.Now);
    }

    [Fact]
    public void A_repeating_timer_does_not_carry_a_stalled_system_on_for_ever()
    {
        using var stepped = SteppedSystem.Create(7, TimeSpan.FromMilliseconds(1));
        stepped.System.Scheduler.Advanced.ScheduleRepeatedly(TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1), () => { });
        var never = new TaskCompletionSource();

        Assert.Throws<StalledException>(() => stepped.Settle(() => never.Task));

        Assert.Equal(TimeSpan.FromMinutes(2), stepped.Time.Now);
    }

    [Fact]
    public void An_actor_that_was_told_to_fail_does_so_after_its_send_and_is_stopped()
    {
        using var stepped = SteppedSystem.Create(5);
        var log = new List<string>();
        var scribe = stepped.System.ActorOf(Props.Create(() => new Scribe(log)), "scribe");
        var relay = stepped.System.ActorOf(Props.Create(() => new Relay(scribe)), "relay");
        stepped.FaultActor("/user/relay", nth: 2);

        foreach (var word in (string[])["one", "two", "three"])
        {
            relay.Tell(word, ActorRefs.NoSender);
            stepped.RunToQuiet();
        }

        Assert.Equal(["one", "two"], log);
        Assert.DoesNotContain("/user/relay", stepped.Actors);
        Assert.Empty(stepped.PendingFaults);
    }

    [Fact]
    public void An_actor_can_be_stopped_by_its_path_once_it_has_woken_another()
    {
        using var stepped = SteppedSystem.Create(5);
        var log = new List<string>();
        var scribe = stepped.System.ActorOf(Props.Create(() => new Scribe(log)), "scribe");
        var relay = stepped.System.ActorOf(Props.Create(() => new Relay(scribe)), "other");
        stepped.RunToQuiet();
        relay.Tell("x", ActorRefs.NoSender);
        stepped.RunToQuiet();

        Assert.Contains("/user/other", stepped.Actors);
        stepped.StopActor("/user/other");
        stepped.RunToQuiet();
        relay.Tell("y", ActorRefs.NoSender);
        stepped.RunToQuiet();

        Assert.Equal(["x"], log);
        var unknown = Assert.Throws<ArgumentException>(() => stepped.StopActor("/user/nobody"));
        Assert.Contains("/user/nobody", unknown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_system_that_is_not_stepped_cannot_use_the_dispatcher()
    {
        var type = $"{typeof(SteppedConfigurator).FullName}, {typeof(SteppedConfigurator).Assembly.GetName().Name}";
        var config = Akka.Configuration.ConfigurationFactory.ParseString($"akka.actor.default-dispatcher.type = \"{type}\"");

        var refused = Assert.ThrowsAny<Exception>(() => ActorSystem.Create("plain", config).ActorOf(Props.Create(() => new Echo())));

        Assert.Contains("SteppedSystem.Create", refused.ToString(), StringComparison.Ordinal);
    }

    private static string OrderOf(int seed)
    {
        using var stepped = SteppedSystem.Create(seed);
        var log = new List<string>();
        var scribe = stepped.System.ActorOf(Props.Create(() => new Scribe(log)), "scribe");
        var relays = Enumerable.Range(0, 3).Select(number => stepped.System.ActorOf(Props.Create(() => new Relay(scribe)), $"relay-{number}")).ToList();
        stepped.RunToQuiet();
        for (var number = 0; number < relays.Count; number++)
        {
            relays[number].Tell($"{number}", ActorRefs.NoSender);
        }

        stepped.RunToQuiet();
        return string.Concat(log);
    }

    private sealed class Scribe : ReceiveActor
    {
        public Scribe(List<string> log) => Receive<string>(log.Add);
    }

    private sealed class Relay : ReceiveActor
    {
        public Relay(IActorRef to) => Receive<string>(word => to.Tell(word));
    }

    private sealed class Echo : ReceiveActor
    {
        public Echo() => Receive<string>(word => Sender.Tell(word));
    }
}
