using Akka.Actor;

namespace Akka.Embedded.Tests.Support;

/// <summary>An actor whose reactions are delegates.</summary>
public sealed class Fn(
    Action<Fn, object> on, Journal? journal = null, string name = "a", SupervisorStrategy? strategy = null, Action<Fn>? preStart = null) : UntypedActor
{
    public IActorRef Me => Self;

    public IActorRef From => Sender;

    public IUntypedActorContext Ctx => Context;

    public static Props Of(
        Action<Fn, object> on, Journal? journal = null, string name = "a", SupervisorStrategy? strategy = null, Action<Fn>? preStart = null) =>
        Props.Create(() => new Fn(on, journal, name, strategy, preStart));

    public static Props Idle() => Of((_, _) => { });

    public static Props Echo() => Of((a, m) => a.From.Tell(m));

    public void Lost(object message) => Unhandled(message);

    protected override void OnReceive(object message) => on(this, message);

    protected override void PreStart()
    {
        journal?.Add(name + ".PreStart");
        preStart?.Invoke(this);
    }

    protected override void PostStop() => journal?.Add(name + ".PostStop");

    protected override SupervisorStrategy SupervisorStrategy() => strategy ?? Stopping;

    private static readonly SupervisorStrategy Stopping = new OneForOneStrategy(_ => Directive.Stop);
}
