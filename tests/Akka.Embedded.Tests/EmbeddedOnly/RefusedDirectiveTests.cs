using Akka.Actor;
using Akka.Configuration;
using Akka.Embedded.Tests.Support;
using Akka.Event;

namespace Akka.Embedded.Tests.EmbeddedOnly;

public sealed class RefusedDirectiveTests : Spec
{
    [Fact]
    public void Stop_is_the_only_directive_that_can_be_named() => Assert.Equal([Directive.Stop], Enum.GetValues<Directive>());

    [Fact]
    public void A_decision_that_is_not_stop_fails_the_supervisor_and_says_what_to_do()
    {
        Hear<Error>();
        var parent = Sys.ActorOf(Fn.Of(
            (x, _) => x.Ctx.ActorOf(Fn.Of((_, _) => throw new BoomException())).Tell("go"), strategy: new OneForOneStrategy(_ => default)));
        Watch(parent);
        parent.Tell("go");
        var error = ExpectMsg<Error>();
        Assert.IsType<NotSupportedException>(error.Cause);
        Assert.IsType<BoomException>(error.Cause.InnerException);
        Assert.Contains("only Directive.Stop", error.Message.ToString(), StringComparison.Ordinal);
        ExpectTerminated(parent);
    }

    [Fact]
    public async Task Where_no_strategy_is_chosen_a_failure_ends_the_system()
    {
        var system = ActorSystem.Create("unset", "akka.loggers = []");
        system.EventStream.Subscribe(TestActor, typeof(Error));
        system.ActorOf(Fn.Of((_, _) => throw new BoomException())).Tell("go");
        Assert.IsType<NotSupportedException>(ExpectMsg<Error>().Cause);
        await system.WhenTerminated.WaitAsync(Patience);
    }

    [Theory]
    [InlineData("a { b = 1 }", "line 1")]
    [InlineData("\njust text", "line 2")]
    [InlineData("a = ${b}", "substitutions")]
    [InlineData("a = [1,", "list")]
    [InlineData("a = \"x", "quotes")]
    public void Configuration_that_is_not_flat_is_refused_with_its_line(string text, string part)
    {
        var refused = Assert.Throws<ConfigurationException>(() => ConfigurationFactory.ParseString(text));
        Assert.Contains(part, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("akka.scheduler.implementation = \"No.Such, Assembly\"", "no such type")]
    [InlineData("akka.actor.default-dispatcher.type = \"System.String\"", "is not a")]
    [InlineData("akka.loggers = [\"No.Such\"]", "akka.loggers")]
    [InlineData("akka.actor.ask-timeout = soon", "akka.actor.ask-timeout")]
    public void A_wrong_value_is_refused_with_its_key(string text, string part)
    {
        var refused = Assert.Throws<ConfigurationException>(() =>
        {
            var system = ActorSystem.Create("wrong", text);
            system.ActorOf(Fn.Idle());
        });
        Assert.Contains(part, refused.Message, StringComparison.Ordinal);
    }
}
