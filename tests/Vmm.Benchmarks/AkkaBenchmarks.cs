using System.Diagnostics;
using System.Globalization;
using Akka.Actor;
using Akka.Configuration;

namespace Vmm.Benchmarks;

/// <summary>What sending, asking, forwarding and creating cost on the actor system that this build uses.</summary>
public static class AkkaBenchmarks
{
    private const string Quiet = """
        akka.loglevel = ERROR
        akka.stdout-loglevel = OFF
        akka.loggers = []
        akka.actor.guardian-supervisor-strategy = "Akka.Actor.StoppingSupervisorStrategy"
        """;

    private static readonly object Message = new();

    /// <summary>Measures each shape: one warm-up round, then the median of several; quick makes rounds short and three.</summary>
    public static void Run(TextWriter output, bool quick)
    {
        ArgumentNullException.ThrowIfNull(output);
        var (scale, rounds) = quick ? (50, 3) : (1, 7);
        using var system = ActorSystem.Create("benchmarks", ConfigurationFactory.ParseString(Quiet));
        output.WriteLine($"{"case",-46} {"ns/op",9} {"best",9} {"B/op",8}");
        foreach (var (name, operations, run) in Shapes(system))
        {
            var count = Math.Max(operations / scale, 64);
            Measure(count, run);
            var all = Enumerable.Range(0, rounds).Select(_ => Measure(count, run)).OrderBy(r => r.Nanoseconds).ToArray();
            var median = all[rounds / 2];
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-46} {median.Nanoseconds,9:F0} {all[0].Nanoseconds,9:F0} {median.Bytes,8:F0}"));
        }
    }

    private static IEnumerable<(string Name, int Operations, Action<int> Run)> Shapes(ActorSystem system)
    {
        var counter = system.ActorOf(Props.Create(() => new Counter()));
        var receiving = system.ActorOf(Props.Create(() => new ReceivingCounter()));
        var forwarder = system.ActorOf(Props.Create(() => new Forwarder(counter)));
        var echo = system.ActorOf(Props.Create(() => new Echo()));
        var parent = system.ActorOf(Props.Create(() => new Parent()));
        yield return ("tell, 1 producer, 1 untyped actor", 2_000_000, n => TellMany(counter, counter, n, 1));
        yield return ("tell, 1 producer, 1 receive actor", 2_000_000, n => TellMany(receiving, receiving, n, 1));
        yield return ("tell, 2 producers, 1 untyped actor", 2_000_000, n => TellMany(counter, counter, n, 2));
        yield return ("self-tell loop", 2_000_000, n => Loop(system, n));
        yield return ("ping-pong, 1 in flight, a message", 400_000, n => PingPong(system, n, 1, 1));
        yield return ("ping-pong, 100 in flight, a message", 2_000_000, n => PingPong(system, n, 1, 100));
        yield return ("ping-pong, 8 pairs, a message", 2_000_000, n => PingPong(system, n, 8, 1));
        yield return ("ask, sequential, no time-out", 200_000, n => AskOneByOne(echo, n, null));
        yield return ("ask, sequential, 5 s time-out", 200_000, n => AskOneByOne(echo, n, TimeSpan.FromSeconds(5)));
        yield return ("ask, 64 at once, no time-out", 400_000, n => AskTogether(echo, n));
        yield return ("forward through one actor", 1_000_000, n => TellMany(forwarder, counter, n, 1));
        yield return ("create, watch, poison and end a child", 20_000, n => Finish(parent, new Breed(n, new ManualResetEventSlim())));
    }

    private static (double Nanoseconds, double Bytes) Measure(int count, Action<int> run)
    {
        var bytes = GC.GetTotalAllocatedBytes(precise: true);
        var start = Stopwatch.GetTimestamp();
        run(count);
        var time = Stopwatch.GetElapsedTime(start);
        return (time.TotalNanoseconds / count, (double)(GC.GetTotalAllocatedBytes(precise: true) - bytes) / count);
    }

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
