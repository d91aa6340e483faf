using Akka.Actor;
using Akka.Embedded.Tests.Support;
using Akka.Event;

namespace Akka.Embedded.Tests;

public sealed class AskTests : Spec
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(100);

    [Fact]
    public async Task No_reply_in_time_is_a_timeout_that_says_how_long_it_was()
    {
        var thrown = await Assert.ThrowsAsync<AskTimeoutException>(() => Sys.ActorOf(Fn.Idle()).Ask<int>(1, Soon));
        Assert.Equal("Timeout after 0.10 seconds", thrown.Message);
    }

    [Fact]
    public async Task A_cancelled_token_cancels_the_task()
    {
        using var source = new CancellationTokenSource();
        var asked = Sys.ActorOf(Fn.Idle()).Ask<int>(1, source.Token);
        await source.CancelAsync();
        await Assert.ThrowsAsync<TaskCanceledException>(() => asked);
        await Assert.ThrowsAsync<TaskCanceledException>(() => Sys.ActorOf(Fn.Idle()).Ask<int>(1, source.Token));
    }

    [Fact]
    public async Task A_reply_of_another_type_is_an_argument_exception() =>
        await Assert.ThrowsAsync<ArgumentException>(() => Sys.ActorOf(Fn.Echo()).Ask<int>("text", Patience));

    [Fact]
    public async Task A_failure_as_reply_throws_its_cause()
    {
        var a = Start((x, _) => x.From.Tell(new Status.Failure(new BoomException())));
        await Assert.ThrowsAsync<BoomException>(() => a.Ask<int>(1, Patience));
    }

    [Fact]
    public async Task Who_asks_for_an_object_gets_a_failure_as_a_value()
    {
        var a = Start((x, _) => x.From.Tell(new Status.Failure(new BoomException())));
        Assert.IsType<Status.Failure>(await a.Ask(1, Patience));
        Assert.IsType<Status.Failure>(await a.Ask<object>(1, Patience));
        Assert.IsType<Status.Failure>(await a.Ask<Status>(1, Patience));
    }

    [Fact]
    public async Task Asking_the_dead_is_a_dead_letter_at_once_and_then_a_timeout()
    {
        var a = Sys.ActorOf(Fn.Idle());
        Watch(a);
        Sys.Stop(a);
        ExpectTerminated(a);
        Hear<DeadLetter>();
        var asked = a.Ask<int>(1, Soon);
        ExpectMsg<DeadLetter>();
        await Assert.ThrowsAsync<AskTimeoutException>(() => asked);
    }

    [Fact]
    public async Task A_reply_after_the_timeout_is_a_dead_letter()
    {
        Hear<DeadLetter>();
        var asker = Start((x, _) => TestActor.Tell(x.From));
        await Assert.ThrowsAsync<AskTimeoutException>(() => asker.Ask<string>(1, Soon));
        ExpectMsg<IActorRef>().Tell("late");
        Assert.Equal("late", ExpectMsg<DeadLetter>().Message);
    }

    [Fact]
    public async Task The_first_reply_wins_and_the_second_is_a_dead_letter()
    {
        Hear<DeadLetter>();
        var a = Start((x, _) =>
        {
            x.From.Tell(1);
            x.From.Tell(2);
        });
        Assert.Equal(1, await a.Ask<int>("go", Patience));
        Assert.Equal(2, ExpectMsg<DeadLetter>().Message);
    }

    [Fact]
    public async Task Without_a_timeout_and_with_zero_one_waits_until_the_reply()
    {
        var a = Start((_, m) => TestActor.Tell(m));
        var asked = new[]
        {
            a.Ask<string>(r => r, null, CancellationToken.None),
            a.Ask<string>(r => r, TimeSpan.Zero, CancellationToken.None),
        };
        foreach (var _ in asked) ExpectMsg<IActorRef>().Tell("via the ref in the message");
        Assert.All(await Task.WhenAll(asked), text => Assert.Equal("via the ref in the message", text));
    }

    [Fact]
    public async Task The_configured_timeout_holds_where_none_is_given()
    {
        var system = ActorSystem.Create("impatient", QuietConfig + "akka.actor.ask-timeout = 50ms");
        await Assert.ThrowsAsync<AskTimeoutException>(() => system.ActorOf(Fn.Idle()).Ask<int>(1));
        await system.Terminate();
    }

    [Fact]
    public async Task Continuations_do_not_run_on_the_actors_turn()
    {
        var (a, gate) = (Sys.ActorOf(Fn.Echo()), new TaskCompletionSource());
        var seen = a.Ask<int>(1, Patience).ContinueWith(
            async t =>
            {
                await gate.Task;
                return await t;
            },
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default).Unwrap();
        Assert.Equal(2, await a.Ask<int>(2, Patience));
        gate.SetResult();
        Assert.Equal(1, await seen);
    }

    [Fact]
    public async Task Many_asks_at_once_get_each_their_own_reply()
    {
        var a = Sys.ActorOf(Fn.Echo());
        var replies = await Task.WhenAll(Enumerable.Range(0, 2000).Select(i => a.Ask<int>(i, TimeSpan.FromSeconds(30))));
        Assert.Equal(Enumerable.Range(0, 2000), replies);
    }

    [Fact]
    public void Asking_in_an_actor_has_the_reply_come_to_the_task_and_not_to_the_actor()
    {
        var echo = Sys.ActorOf(Fn.Echo());
        var asker = Start((x, m) =>
        {
            if (m is "go") _ = echo.Ask<string>("question", Patience).PipeTo(x.Me, success: s => "piped " + s);
            else TestActor.Tell(m);
        });
        asker.Tell("go");
        ExpectMsg("piped question");
    }
}
