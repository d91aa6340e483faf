using Akka.Actor;
using Akka.Embedded.Tests.Support;
using Akka.Event;

namespace Akka.Embedded.Tests;

public sealed class DeliveryTests : Spec
{
    [Fact]
    public void Messages_of_each_sender_arrive_in_order_and_without_gap()
    {
        const int Each = 20_000;
        var (next, wrong) = (new int[4], 0);
        using var all = new CountdownEvent(4 * Each);
        var a = Start((_, m) =>
        {
            var (sender, number) = ((int, int))m;
            if (next[sender]++ != number) wrong++;
            all.Signal();
        });
        var senders = Enumerable.Range(0, 4).Select(s => new Thread(() =>
        {
            for (var i = 0; i < Each; i++) a.Tell((s, i), ActorRefs.NoSender);
        })).ToList();
        senders.ForEach(t => t.Start());
        senders.ForEach(t => t.Join());
        Assert.True(all.Wait(TimeSpan.FromSeconds(30)));
        Assert.Equal(0, wrong);
    }

    [Fact]
    public void No_sender_shows_as_dead_letters()
    {
        Start((x, _) => TestActor.Tell(x.From)).Tell(1, ActorRefs.NoSender);
        Assert.Equal(Sys.DeadLetters, ExpectMsg<IActorRef>());
    }

    [Fact]
    public void Tell_in_an_actor_has_it_as_sender_and_forward_keeps_the_sender()
    {
        var who = Start((x, _) => TestActor.Tell(x.From));
        var teller = Start((_, m) => who.Tell(m));
        Start((_, m) => who.Forward(m)).Tell(1, TestActor);
        Assert.Equal(TestActor, ExpectMsg<IActorRef>());
        teller.Tell(1, TestActor);
        Assert.Equal(teller, ExpectMsg<IActorRef>());
    }

    [Fact]
    public void The_thread_of_a_test_sends_as_the_test_actor()
    {
        Sys.ActorOf(Fn.Echo()).Tell("x");
        ExpectMsg("x");
    }

    [Fact]
    public void A_null_message_throws_where_it_is_sent_and_does_no_harm()
    {
        var a = Sys.ActorOf(Fn.Echo());
        a.Tell(1);
        ExpectMsg(1);
        Assert.Throws<ArgumentNullException>(() => a.Tell(null!));
        a.Tell(2);
        ExpectMsg(2);
    }

    [Fact]
    public void An_actor_is_started_on_another_thread_before_its_first_message()
    {
        var (journal, here) = (new Journal(), Environment.CurrentManagedThreadId);
        Sys.ActorOf(Fn.Of(
            (_, m) => journal.Add(m), journal, "a", null, _ => journal.Add(Environment.CurrentManagedThreadId == here ? "here" : "elsewhere"))).Tell("message");
        Eventually(() => Assert.Equal("a.PreStart elsewhere message", journal.ToString()));
    }

    [Fact]
    public void A_message_to_a_stopped_actor_is_a_dead_letter_with_sender_and_recipient()
    {
        var a = Sys.ActorOf(Fn.Idle());
        Watch(a);
        Sys.Stop(a);
        ExpectTerminated(a);
        Hear<DeadLetter>();
        a.Tell("x", TestActor);
        var letter = ExpectMsg<DeadLetter>();
        Assert.Equal(("x", TestActor, a), (letter.Message, letter.Sender, letter.Recipient));
        a.Tell("y", ActorRefs.NoSender);
        Assert.Equal(Sys.DeadLetters, ExpectMsg<DeadLetter>().Sender);
        Sys.DeadLetters.Tell("z", TestActor);
        Assert.Equal(Sys.DeadLetters, ExpectMsg<DeadLetter>().Recipient);
    }

    [Fact]
    public void Dead_letters_that_were_expected_are_published_apart()
    {
        Hear<DeadLetter>();
        Hear<SuppressedDeadLetter>();
        Sys.DeadLetters.Tell(new Quiet());
        ExpectMsg<SuppressedDeadLetter>();
        Sys.DeadLetters.Tell(PoisonPill.Instance);
        ExpectMsg<SuppressedDeadLetter>();
    }

    [Fact]
    public void Stop_lets_the_current_message_end_and_buries_the_others_in_order()
    {
        var journal = new Journal();
        Hear<DeadLetter>();
        Sys.ActorOf(Fn.Of(
            (x, m) =>
            {
                x.Me.Tell("first");
                x.Me.Tell("second");
                x.Ctx.Stop(x.Me);
                journal.Add(m + " done");
            },
            journal)).Tell("go");
        Assert.Equal("first", ExpectMsg<DeadLetter>().Message);
        Assert.Equal("second", ExpectMsg<DeadLetter>().Message);
        Eventually(() => Assert.Equal("a.PreStart go done a.PostStop", journal.ToString()));
    }

    [Fact]
    public void A_poison_pill_waits_for_its_turn()
    {
        var journal = new Journal();
        var a = Sys.ActorOf(Fn.Of((_, m) => journal.Add(m), journal));
        Watch(a);
        for (var i = 0; i < 5; i++) a.Tell(i);
        a.Tell(PoisonPill.Instance);
        ExpectTerminated(a);
        Assert.Equal("a.PreStart 0 1 2 3 4 a.PostStop", journal.ToString());
    }

    [Fact]
    public void An_actor_that_tells_itself_for_ever_does_not_starve_others()
    {
        var busy = Start((x, m) => x.Me.Tell(m));
        busy.Tell(1);
        busy.Tell(2);
        Sys.ActorOf(Fn.Echo()).Tell("alive");
        ExpectMsg("alive", Patience);
        Sys.Stop(busy);
    }

    [Fact]
    public void Every_message_sent_while_an_actor_stops_is_handled_or_a_dead_letter_once()
    {
        const int Rounds = 50;
        const int Each = 200;
        var (handled, buried) = (0, 0);
        var counter = Start((_, m) => Interlocked.Add(ref buried, m is DeadLetter { Message: int } ? 1 : 0));
        Sys.EventStream.Subscribe(counter, typeof(DeadLetter));
        for (var round = 0; round < Rounds; round++)
        {
            var a = Start((_, _) => Interlocked.Increment(ref handled));
            using var ready = new Barrier(3);
            var senders = Enumerable.Range(0, 2).Select(_ => new Thread(() =>
            {
                ready.SignalAndWait();
                for (var i = 0; i < Each; i++) a.Tell(i, ActorRefs.NoSender);
            })).ToList();
            senders.ForEach(t => t.Start());
            ready.SignalAndWait();
            Sys.Stop(a);
            senders.ForEach(t => t.Join());
        }
        Eventually(() => Assert.Equal(Rounds * 2 * Each, Volatile.Read(ref handled) + Volatile.Read(ref buried)));
    }

    [Fact]
    public void Making_an_actor_by_new_outside_of_actors_is_refused()
    {
        Exception? thrown = null;
        var thread = new Thread(() => thrown = Record.Exception(() => new Fn((_, _) => { })));
        thread.Start();
        thread.Join();
        Assert.IsType<ActorInitializationException>(thrown);
    }

    [Fact]
    public void The_context_is_gone_after_a_plain_await()
    {
        var handled = new TaskCompletionSource();
        var a = Start((x, m) =>
        {
            if (m is 1) _ = After(x);
            else TestActor.Tell("handled", ActorRefs.NoSender);
        });
        a.Tell(1);
        a.Tell(2);
        ExpectMsg("handled");

        // What follows the await runs on the thread of SetResult: one of the pool may have the cell of another test's kit.
        var thread = new Thread(handled.SetResult);
        thread.Start();
        thread.Join();
        ExpectMsg("gone");

        async Task After(Fn actor)
        {
            await handled.Task.ConfigureAwait(false);
            var thrown = Record.Exception(() => actor.From);
            TestActor.Tell(thrown is NotSupportedException ? "gone" : "there", ActorRefs.NoSender);
        }
    }

    private sealed class Quiet : IDeadLetterSuppression;
}
