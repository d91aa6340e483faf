using Akka.Actor;
using Akka.Embedded.Tests.Support;
using Akka.Event;

namespace Akka.Embedded.Tests;

public sealed class StashTests : Spec
{
    [Fact]
    public void Unstashed_messages_come_first_and_in_their_order()
    {
        var a = Sys.ActorOf(Props.Create(() => new Gate(TestActor)));
        a.Tell(1);
        a.Tell(2);
        a.Tell("open");
        a.Tell(3);
        ExpectMsg(1);
        ExpectMsg(2);
        ExpectMsg(3);
    }

    [Fact]
    public void Unstash_takes_the_oldest()
    {
        var a = Sys.ActorOf(Props.Create(() => new Gate(TestActor)));
        a.Tell(1);
        a.Tell(2);
        a.Tell("one");
        ExpectMsg(1);
        a.Tell("count");
        ExpectMsg((1, false, false, -1));
    }

    [Fact]
    public void A_message_is_stashed_once()
    {
        var a = Sys.ActorOf(Props.Create(() => new Gate(TestActor)));
        a.Tell("twice");
        ExpectMsg<IllegalActorStateException>();
    }

    [Fact]
    public void The_same_object_sent_twice_is_two_messages()
    {
        var (a, message) = (Sys.ActorOf(Props.Create(() => new Gate(TestActor))), (object)7);
        a.Tell(message);
        a.Tell(message);
        a.Tell("open");
        ExpectMsg(7);
        ExpectMsg(7);
    }

    [Fact]
    public void What_is_stashed_when_an_actor_stops_becomes_dead_letters_in_order()
    {
        Hear<DeadLetter>();
        var a = Sys.ActorOf(Props.Create(() => new Gate(TestActor)));
        a.Tell(1, TestActor);
        a.Tell(2);
        a.Tell(PoisonPill.Instance);
        var first = ExpectMsg<DeadLetter>();
        Assert.Equal((1, TestActor), (first.Message, first.Sender));
        Assert.Equal(2, ExpectMsg<DeadLetter>().Message);
    }

    [Fact]
    public void The_sender_is_kept()
    {
        var a = Sys.ActorOf(Props.Create(() => new Gate(TestActor)));
        var probe = CreateTestProbe();
        probe.Send(a, 1);
        a.Tell("open");
        Assert.Equal(1, ExpectMsg<int>());
        probe.ExpectMsg("handled");
    }

    [Fact]
    public void Timers_are_there_in_the_constructor_and_the_stash_is_not()
    {
        Sys.ActorOf(Props.Create(() => new Early(TestActor)));
        ExpectMsg((true, false));
        ExpectMsg((true, true));
    }

    private sealed class Gate : ReceiveActor, IWithUnboundedStash
    {
        private bool _single;

        public Gate(IActorRef probe)
        {
            Receive<int>(i => !_single, _ => Stash.Stash());
            Receive<int>(i =>
            {
                _single = false;
                probe.Tell(i);
            });
            Receive<string>(s => s == "one", _ =>
            {
                _single = true;
                Stash.Unstash();
            });
            Receive<string>(s => s == "count", _ => probe.Tell((Stash.Count, Stash.IsEmpty, Stash.IsFull, Stash.Capacity)));
            Receive<string>(s => s == "twice", _ =>
            {
                Stash.Stash();
                probe.Tell(Record.Exception(Stash.Stash)!);
            });
            Receive<string>(s => s == "open", _ =>
            {
                Become(() => ReceiveAny(m =>
                {
                    probe.Tell(m);
                    if (!Sender.Equals(probe)) Sender.Tell("handled");
                }));
                Stash.UnstashAll();
            });
        }

        public IStash Stash { get; set; } = null!;
    }

    private sealed class Early : ReceiveActor, IWithUnboundedStash, IWithTimers
    {
        private readonly IActorRef _probe;

        public Early(IActorRef probe)
        {
            _probe = probe;
            Say();
        }

        public IStash? Stash { get; set; }

        public ITimerScheduler? Timers { get; set; }

        protected override void PreStart() => Say();

        private void Say() => _probe.Tell((Timers is not null, Stash is not null));
    }
}
