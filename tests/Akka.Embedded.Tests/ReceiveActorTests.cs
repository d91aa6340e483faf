using Akka.Actor;
using Akka.Embedded.Tests.Support;
using Akka.Event;

namespace Akka.Embedded.Tests;

public sealed class ReceiveActorTests : Spec
{
    [Theory]
    [InlineData(11, "big")]
    [InlineData(1, "int")]
    [InlineData("s", "object that is a string")]
    public void The_first_handler_that_fits_takes_the_message(object message, string handler)
    {
        Sys.ActorOf(Props.Create(() => new Ordered(TestActor))).Tell(message);
        ExpectMsg(handler);
    }

    [Fact]
    public void A_handler_of_a_base_type_takes_derived_messages_and_what_none_takes_is_unhandled()
    {
        var a = Sys.ActorOf(Props.Create(() => new Ordered(TestActor)));
        Hear<UnhandledMessage>();
        a.Tell(new BoomException());
        ExpectMsg("base");
        a.Tell(1.5, TestActor);
        var unhandled = ExpectMsg<UnhandledMessage>();
        Assert.Equal((1.5, TestActor, a), (unhandled.Message, unhandled.Sender, unhandled.Recipient));
    }

    [Fact]
    public void A_function_says_itself_whether_it_has_handled_the_message()
    {
        var a = Sys.ActorOf(Props.Create(() => new Functions(TestActor)));
        a.Tell(1);
        ExpectMsg("first");
        a.Tell(1);
        ExpectMsg("second");
        a.Tell("text");
        ExpectMsg("by type");
    }

    [Fact]
    public void No_handler_can_follow_one_that_takes_all() => ExpectFailure<ActorInitializationException>(Props.Create(() => new AnyFirst()), null);

    [Fact]
    public void Handlers_are_declared_only_in_the_constructor_and_in_become() =>
        ExpectFailure<InvalidOperationException>(Props.Create(() => new Late()), 1);

    [Fact]
    public void Become_replaces_the_handlers()
    {
        var a = Sys.ActorOf(Props.Create(() => new Door()));
        a.Tell(1);
        ExpectMsg("closed");
        a.Tell("turn");
        a.Tell(1);
        ExpectMsg("open");
        a.Tell("turn");
        a.Tell(1);
        ExpectMsg("closed");
    }

    private void ExpectFailure<T>(Props props, object? message)
        where T : Exception
    {
        Hear<Error>();
        var a = Sys.ActorOf(props);
        Watch(a);
        if (message is not null) a.Tell(message);
        var seen = new[] { ReceiveOne(Patience), ReceiveOne(Patience) };
        Assert.Contains(seen, m => m is Error { Cause: T });
        Assert.Contains(seen, m => m is Terminated);
    }

    private sealed class Ordered : ReceiveActor
    {
        public Ordered(IActorRef probe)
        {
            Receive<int>(i => i > 10, _ => probe.Tell("big"));
            Receive<int>(_ => probe.Tell("int"));
            Receive<object>(_ => probe.Tell("object that is a string"), o => o is string);
            Receive<Exception>(_ => probe.Tell("base"));
        }
    }

    private sealed class Functions : ReceiveActor
    {
        private readonly HashSet<int> _seen = [];

        public Functions(IActorRef probe)
        {
            Receive<int>(i => !_seen.Contains(i) && Say(probe, "first") && _seen.Add(i));
            Receive<int>(_ => probe.Tell("second"));
            Receive(Texts, _ => probe.Tell("by type"));
        }

        private static bool Say(IActorRef probe, string text)
        {
            probe.Tell(text);
            return true;
        }
    }

    private static readonly Type Texts = typeof(string);

    private sealed class AnyFirst : ReceiveActor
    {
        public AnyFirst()
        {
            ReceiveAny(_ => { });
            Receive<int>(_ => { });
        }
    }

    private sealed class Late : ReceiveActor
    {
        public Late() => Receive<int>(_ => Receive<string>(_ => { }));
    }

    private sealed class Door : ReceiveActor
    {
        public Door() => Closed();

        private void Closed()
        {
            Receive<string>(_ => Become(Open));
            ReceiveAny(_ => Sender.Tell("closed"));
        }

        private void Open()
        {
            Receive<string>(_ => Become(Closed));
            ReceiveAny(_ => Sender.Tell("open"));
        }
    }
}
