using Akka.Actor;
using Akka.Configuration;
using Vmm.Benchmarks.Measuring;
using Vmm.Benchmarks.Results;

namespace Vmm.Benchmarks;

/// <summary>What sending, asking, forwarding and creating cost on the actor system that this build uses.</summary>
internal static class AkkaBenchmarks
{
    /// <summary>A system that logs nothing.</summary>
    internal const string Quiet = """
        akka.loglevel = ERROR
        akka.stdout-loglevel = OFF
        akka.loggers = []
        akka.actor.guardian-supervisor-strategy = "Akka.Actor.StoppingSupervisorStrategy"
        """;

    private static readonly object Message = new();

    /// <summary>The rows.</summary>
    public static IReadOnlyList<Row> Rows { get; } =
    [
        Of("tell", "tell, 1 producer, 1 untyped actor", 500_000, (s, n) => TellMany(s.Counter, s.Counter, n, 1)),
        Of("tell-receive", "tell, 1 producer, 1 receive actor", 500_000, (s, n) => TellMany(s.Receiving, s.Receiving, n, 1)),
        Of("tell-two", "tell, 2 producers, 1 untyped actor", 500_000, (s, n) => TellMany(s.Counter, s.Counter, n, 2)),
        Of("loop", "self-tell loop", 500_000, (s, n) => Loop(s.System, n)),
        Of("ping-pong", "ping-pong, 1 in flight, a message", 100_000, (s, n) => PingPong(s.System, n, 1, 1)),
        Of("ping-pong-100", "ping-pong, 100 in flight, a message", 500_000, (s, n) => PingPong(s.System, n, 1, 100)),
        Of("ping-pong-pairs", "ping-pong, 8 pairs, a message", 500_000, (s, n) => PingPong(s.System, n, 8, 1)),
        Of("ask", "ask, sequential, no time-out", 50_000, (s, n) => AskOneByOne(s.Echo, n, null)),
        Of("ask-time-out", "ask, sequential, 5 s time-out", 50_000, (s, n) => AskOneByOne(s.Echo, n, TimeSpan.FromSeconds(5))),
        Of("ask-64", "ask, 64 at once, no time-out", 100_000, (s, n) => AskTogether(s.Echo, n)),
        Of("forward", "forward through one actor", 250_000, (s, n) => TellMany(s.Forwarder, s.Counter, n, 1)),
        Of("child", "create, watch, poison and end a child", 5_000, (s, n) => Finish(s.Parent, new Breed(n, new ManualResetEventSlim()))),
    ];

    private static Row Of(string row, string name, int operations, Action<Cast, int> work) => new($"akka/{row}", run =>
    {
        var count = run.Of(operations, quick: Math.Max(operations / 50, 64));
        using var system = ActorSystem.Create("benchmarks", ConfigurationFactory.ParseString(Quiet));
        var cast = new Cast(system);
        return [run.Alternate(new Shape(count, () => work(cast, count))).Time(0, name, Aim.None)];
    });

    private static void TellMany(IActorRef target, IActorRef counter, int count, int producers)
    {
        var round = new Round(count / producers * producers, new ManualResetEventSlim());
        counter.Tell(round, ActorRefs.NoSender);
        var others = Enumerable.Range(1, producers - 1).Select(_ => new Thread(Produce)).ToList();
        others.ForEach(t => t.Start());
        Produce();
        others.ForEach(t => t.Join());
        round.Done.Wait();

        void Produce()
        {
            for (var i = 0; i < count / producers; i++) target.Tell(Message, ActorRefs.NoSender);
        }
    }

    private static void Loop(ActorSystem system, int count) => Finish(system.ActorOf(Props.Create(() => new Looper())), new Round(count, new ManualResetEventSlim()));

    private static void PingPong(ActorSystem system, int count, int pairs, int inFlight)
    {
        var rounds = Enumerable.Range(0, pairs).Select(_ => new Round(count / pairs / 2, new ManualResetEventSlim())).ToArray();
        foreach (var round in rounds)
        {
            var pong = system.ActorOf(Props.Create(() => new Echo()));
            system.ActorOf(Props.Create(() => new Ping(pong, inFlight))).Tell(round, ActorRefs.NoSender);
        }
        foreach (var round in rounds) round.Done.Wait();
    }

    private static void Finish(IActorRef actor, Round round)
    {
        actor.Tell(round, ActorRefs.NoSender);
        round.Done.Wait();
    }

    // On the pool, where whoever asks goes on when the reply is there; a blocked thread would measure how it wakes up.
    private static void AskOneByOne(IActorRef echo, int count, TimeSpan? timeout) => Task.Run(async () =>
    {
        for (var i = 0; i < count; i++) await echo.Ask<object>(Message, timeout);
    }).GetAwaiter().GetResult();

    private static void AskTogether(IActorRef echo, int count) => Task.Run(async () =>
    {
        var asked = new Task[64];
        for (var i = 0; i < count; i += asked.Length)
        {
            for (var k = 0; k < asked.Length; k++) asked[k] = echo.Ask<object>(Message);
            await Task.WhenAll(asked);
        }
    }).GetAwaiter().GetResult();

    /// <summary>The actors of a row.</summary>
    private sealed class Cast
    {
        public Cast(ActorSystem system)
        {
            System = system;
            Counter = system.ActorOf(Props.Create(() => new Counter()));
            Receiving = system.ActorOf(Props.Create(() => new ReceivingCounter()));
            Forwarder = system.ActorOf(Props.Create(() => new Forwarder(Counter)));
            Echo = system.ActorOf(Props.Create(() => new Echo()));
            Parent = system.ActorOf(Props.Create(() => new Parent()));
        }

        public ActorSystem System { get; }

        public IActorRef Counter { get; }

        public IActorRef Receiving { get; }

        public IActorRef Forwarder { get; }

        public IActorRef Echo { get; }

        public IActorRef Parent { get; }
    }

    private record Round(int Count, ManualResetEventSlim Done);

    private sealed record Breed(int Count, ManualResetEventSlim Done) : Round(Count, Done);

    /// <summary>Counts down from the round it was told.</summary>
    private sealed class Counter : UntypedActor
    {
        private Round? _round;
        private int _left;

        protected override void OnReceive(object message)
        {
            if (message is Round round) (_round, _left) = (round, round.Count);
            else if (--_left == 0) _round!.Done.Set();
        }
    }

    private sealed class ReceivingCounter : ReceiveActor
    {
        private Round? _round;
        private int _left;

        public ReceivingCounter()
        {
            Receive<Round>(round => (_round, _left) = (round, round.Count));
            Receive<string>(_ => { });
            ReceiveAny(_ =>
            {
                if (--_left == 0) _round!.Done.Set();
            });
        }
    }

    private sealed class Forwarder(IActorRef target) : UntypedActor
    {
        protected override void OnReceive(object message) => target.Forward(message);
    }

    private sealed class Echo : UntypedActor
    {
        protected override void OnReceive(object message) => Sender.Tell(message);
    }

    private sealed class Looper : UntypedActor
    {
        private Round? _round;
        private int _left;

        protected override void OnReceive(object message)
        {
            if (message is Round round) (_round, _left) = (round, round.Count);
            if (_left-- > 0)
            {
                Self.Tell(Message);
                return;
            }
            _round!.Done.Set();
            Context.Stop(Self);
        }
    }

    private sealed class Ping(IActorRef pong, int inFlight) : UntypedActor
    {
        private Round? _round;
        private int _left;

        protected override void OnReceive(object message)
        {
            if (message is Round round)
            {
                (_round, _left) = (round, round.Count);
                for (var i = 0; i < inFlight; i++) pong.Tell(Message);
            }
            else if (--_left > 0)
            {
                pong.Tell(Message);
            }
            else if (_left == 0)
            {
                _round!.Done.Set();
                Context.Stop(pong);
                Context.Stop(Self);
            }
        }
    }

    private sealed class Parent : UntypedActor
    {
        private Round? _round;
        private int _left;

        protected override void OnReceive(object message)
        {
            if (message is Breed round)
            {
                (_round, _left) = (round, round.Count);
                for (var i = 0; i < round.Count; i++) Context.Watch(Context.ActorOf(Props.Create<Idle>())).Tell(PoisonPill.Instance);
            }
            else if (--_left == 0)
            {
                _round!.Done.Set();
            }
        }
    }

    private sealed class Idle : UntypedActor
    {
        protected override void OnReceive(object message)
        {
        }
    }
}
