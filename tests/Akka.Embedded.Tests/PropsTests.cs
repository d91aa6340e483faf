using Akka.Actor;
using Akka.Embedded.Tests.Support;
using Akka.Event;

namespace Akka.Embedded.Tests;

public sealed class PropsTests : Spec
{
    [Fact]
    public void Arguments_come_from_the_expression_or_as_they_are_given()
    {
        var (nine, type) = (9, typeof(Args));
        Sys.ActorOf(Props.Create(() => new Args(TestActor, nine)));
        ExpectMsg(9);
        Sys.ActorOf(Props.Create<Args>(TestActor, 8));
        ExpectMsg(8);
        Sys.ActorOf(Props.Create(type, TestActor, 7));
        ExpectMsg(7);
        Sys.ActorOf(Props.Create(() => new Args(TestActor, nine + 1)));
        ExpectMsg(10);
        Assert.Equal(typeof(Args), Props.Create<Args>(TestActor, 8).Type);
    }

    [Fact]
    public void An_expression_that_is_no_constructor_call_is_refused()
    {
        Func<Args> make = () => null!;
        Assert.Throws<InvalidCastException>(() => Props.Create(() => make()));
    }

    [Fact]
    public void Optional_parameters_are_not_filled_in()
    {
        Hear<Error>();
        Sys.ActorOf(Props.Create<Args>(TestActor));
        Assert.IsType<ActorInitializationException>(ExpectMsg<Error>().Cause);
    }

    [Fact]
    public void What_is_no_actor_is_refused() => Assert.Throws<ArgumentException>(() => Props.Create(typeof(string)));

    private sealed class Args(IActorRef probe, int number = 3) : UntypedActor
    {
        protected override void PreStart() => probe.Tell(number);

        protected override void OnReceive(object message)
        {
        }
    }
}
