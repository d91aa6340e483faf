using Akka.Actor;
using Akka.Embedded.Tests.Support;

namespace Akka.Embedded.Tests;

public sealed class SchedulerTests : Spec
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(10);

    [Fact]
    public void Messages_and_actions_come_later_and_never_early()
    {
        var before = Now;
        Sys.Scheduler.ScheduleTellOnce(Moment, TestActor, "message", ActorRefs.NoSender);
        ExpectMsg("message");
        Assert.True(Now - before >= Moment);
        Sys.Scheduler.Advanced.ScheduleOnce(Tick, () => TestActor.Tell("action", ActorRefs.NoSender));
        ExpectMsg("action");
        Assert.Equal(Sys.DeadLetters, LastSender);
    }

    [Fact]
    public void Repeated_messages_end_when_they_are_cancelled()
    {
        var schedule = Sys.Scheduler.ScheduleTellRepeatedlyCancelable(Tick, Tick, TestActor, "again", ActorRefs.NoSender);
        ExpectMsg("again");
        ExpectMsg("again");
        schedule.Cancel();
        Assert.True(schedule.IsCancellationRequested);
        ReceiveWhile<object>(m => m is "again", Second, TimeSpan.FromMilliseconds(150));
        Assert.False(HasMessages);
    }

    [Fact]
    public void What_is_cancelled_before_its_time_does_not_happen()
    {
        var schedule = Sys.Scheduler.Advanced.ScheduleOnceCancelable(Second, () => TestActor.Tell("cancelled"));
        schedule.Cancel();
        Sys.Scheduler.ScheduleTellOnce(Second + Tick, TestActor, "after", ActorRefs.NoSender);
        ExpectMsg("after");
    }

    [Fact]
    public void Shorter_delays_overtake_longer_ones()
    {
        Sys.Scheduler.ScheduleTellOnce(Second, TestActor, "late", ActorRefs.NoSender);
        Sys.Scheduler.ScheduleTellOnce(Tick, TestActor, "early", ActorRefs.NoSender);
        ExpectMsg("early");
        ExpectMsg("late");
    }

    [Fact]
    public void An_action_that_throws_does_not_end_the_schedule()
    {
        Sys.Scheduler.Advanced.ScheduleOnce(TimeSpan.Zero, () => throw new BoomException());
        Sys.Scheduler.ScheduleTellOnce(Moment, TestActor, "alive", ActorRefs.NoSender);
        ExpectMsg("alive");
    }

    [Fact]
    public void Negative_delays_and_intervals_that_are_not_positive_are_refused()
    {
        var scheduler = Sys.Scheduler;
        Assert.Throws<ArgumentOutOfRangeException>(() => scheduler.ScheduleTellOnce(TimeSpan.FromMilliseconds(-5), TestActor, 1, null));
        Assert.Throws<ArgumentOutOfRangeException>(() => scheduler.ScheduleTellRepeatedly(TimeSpan.Zero, TimeSpan.Zero, TestActor, 1, null));
        Assert.Throws<ArgumentOutOfRangeException>(() => scheduler.Advanced.ScheduleOnce(TimeSpan.FromMilliseconds(-5), () => { }));
        Assert.Throws<ArgumentOutOfRangeException>(() => scheduler.Advanced.ScheduleRepeatedly(TimeSpan.Zero, TimeSpan.FromMilliseconds(-5), () => { }));
    }

    [Fact]
    public void A_cancelable_cancels_itself_after_a_time()
    {
        using var cancelable = new Cancelable(Sys.Scheduler, Tick);
        AwaitCondition(() => cancelable.Token.IsCancellationRequested, Patience);
    }
}
