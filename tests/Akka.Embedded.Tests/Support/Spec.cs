using Akka.Actor;

namespace Akka.Embedded.Tests.Support;

/// <summary>A system a test, quiet, whose guardian stops what fails.</summary>
public abstract class Spec(string config = "") : TestKit.Xunit2.TestKit(QuietConfig + config)
{
    /// <summary>Configuration that every test begins with.</summary>
    public const string QuietConfig = """
        akka.loglevel = WARNING
        akka.stdout-loglevel = OFF
        akka.loggers = []
        akka.actor.guardian-supervisor-strategy = "Akka.Actor.StoppingSupervisorStrategy"
        akka.test.single-expect-default = 30s

        """;

    /// <summary>How long nothing has to come where that is all a test can see.</summary>
    protected static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(50);

    protected static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    protected void Eventually(Action assertion) => AwaitAssert(assertion, Patience, TimeSpan.FromMilliseconds(5));

    protected IActorRef Start(Action<Fn, object> on, string? name = null) => Sys.ActorOf(Fn.Of(on), name);

    /// <summary>Subscribes the test to a type of event.</summary>
    protected void Hear<T>() => Sys.EventStream.Subscribe(TestActor, typeof(T));
}
