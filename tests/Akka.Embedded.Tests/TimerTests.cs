using Akka.Actor;
using Akka.Embedded.Tests.Support;

namespace Akka.Embedded.Tests;

public sealed class TimerTests : IDisposable
{
    private readonly ActorSystem _system;
    private readonly Journal _journal = new();
    private readonly IActorRef _actor;

    public TimerTests()
    {
        Stepper.Seed(1);
        _system = ActorSystem.Create("timers", Spec.QuietConfig + """
            akka.actor.default-dispatcher.executor = ""
            akka.actor.default-dispatcher.type = "Akka.Embedded.Tests.Support.SteppedConfigurator, Akka.Embedded.Tests"
            akka.scheduler.implementation = "Akka.Embedded.Tests.Support.VirtualScheduler, Akka.Embedded.Tests"
            akka.coordinated-shutdown.run-by-clr-shutdown-hook = off
            """);
        var journal = _journal;
        _actor = _system.ActorOf(Props.Create(() => new Timed(journal)));
        Assert.True(SpinWait.SpinUntil(() => Stepper.RunToQuiet() > 0, TimeSpan.FromSeconds(10)));
    }

    private VirtualScheduler Time => (VirtualScheduler)_system.Scheduler;

    [Fact]
    public void A_single_timer_fires_once_without_sender_and_is_inactive_then()
    {
        Do(t => t.StartSingleTimer("k", "m", TimeSpan.FromSeconds(5)));
        Time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.Equal("", _journal.ToString());
        Time.Advance(TimeSpan.FromSeconds(100));
        Assert.Equal("m:False:deadLetters", _journal.ToString());
    }

    [Fact]
    public void A_periodic_timer_fires_until_it_is_cancelled()
    {
        Do(t => t.StartPeriodicTimer("k", "p", TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2)));
        Time.Advance(TimeSpan.FromSeconds(5));
        Do(t => t.Cancel("k"));
        Time.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal("p:True:deadLetters p:True:deadLetters p:True:deadLetters", _journal.ToString());
    }

    [Fact]
    public void A_timer_can_have_a_sender()
    {
        Do((t, self) => t.StartSingleTimer("k", "m", TimeSpan.Zero, self));
        Time.Advance(TimeSpan.Zero);
        Assert.Equal("m:False:" + _actor.Path.Name, _journal.ToString());
    }

    [Fact]
    public void A_replaced_timer_delivers_nothing_even_when_its_message_is_queued()
    {
        Do(t =>
        {
            t.StartSingleTimer("k", "old", TimeSpan.Zero);
            Time.Advance(TimeSpan.Zero);
            t.StartSingleTimer("k", "new", TimeSpan.FromSeconds(1));
        });
        Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("new:False:deadLetters", _journal.ToString());
    }

    [Fact]
    public void A_cancelled_timer_delivers_nothing_even_when_its_message_is_queued()
    {
        Do(t =>
        {
            t.StartSingleTimer("a", "a", TimeSpan.Zero);
            t.StartSingleTimer("b", "b", TimeSpan.Zero);
            Time.Advance(TimeSpan.Zero);
            t.Cancel("a");
            t.CancelAll();
        });
        Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("", _journal.ToString());
    }

    [Fact]
    public void Active_timers_are_known_by_key()
    {
        Do(t =>
        {
            t.StartSingleTimer("a", "a", TimeSpan.FromSeconds(1));
            t.StartPeriodicTimer("b", "b", TimeSpan.FromSeconds(1));
            _journal.Add(t.IsTimerActive("a") && t.IsTimerActive("b") && !t.IsTimerActive("c"));
        });
        Assert.Equal("True", _journal.ToString());
    }

    [Fact]
    public void Timers_end_with_their_actor()
    {
        Do(t => t.StartPeriodicTimer("k", "p", TimeSpan.FromSeconds(1)));
        _system.Stop(_actor);
        Stepper.RunToQuiet();
        Time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal("", _journal.ToString());
    }

    public void Dispose()
    {
        var ended = _system.Terminate();
        Assert.True(SpinWait.SpinUntil(
            () =>
            {
                Stepper.RunToQuiet();
                return ended.IsCompleted;
            },
            TimeSpan.FromSeconds(10)));
    }

    private void Do(Action<ITimerScheduler> action) => Do((t, _) => action(t));

    private void Do(Action<ITimerScheduler, IActorRef> action)
    {
        _actor.Tell(action);
        Stepper.RunToQuiet();
    }

    private sealed class Timed : ReceiveActor, IWithTimers
    {
        public Timed(Journal journal)
        {
            Receive<Action<ITimerScheduler, IActorRef>>(act => act(Timers, Self));
            ReceiveAny(m => journal.Add($"{m}:{Timers.IsTimerActive("k")}:{Sender.Path.Name}"));
        }

        public ITimerScheduler Timers { get; set; } = null!;
    }
}
