using Akka.Dispatch;

namespace Akka.Actor;

/// <summary>What surrounds an actor: mailbox, behaviour, children, watches, life cycle. Runs on one thread at a time.</summary>
internal sealed partial class ActorCell : IUntypedActorContext
{
    /// <summary>The cell whose actor runs on this thread.</summary>
    [ThreadStatic]
    internal static ActorCell Current;

    private ActorBase _actor;
    private Receive _behaviour;
    private object _message;
    private IActorRef _sender;
    private StashQueue _stash;
    private TimerScheduler _timers;

    internal ActorCell(ActorSystemImpl system, Props props, ActorPath path, ISystemRef parent, MessageDispatcher dispatcher)
    {
        SystemImpl = system;
        Props = props;
        ParentRef = parent;
        Dispatcher = dispatcher;
        Mailbox = new Mailbox(this, dispatcher);
        Self = new LocalActorRef(system, this, path);
    }

    public LocalActorRef Self { get; }

    public Props Props { get; }

    public MessageDispatcher Dispatcher { get; }

    public IActorRef Sender => _sender ?? SystemImpl.DeadLetters;

    public ActorSystem System => SystemImpl;

    public IActorRef Parent => ParentRef;

    IActorRef IActorContext.Self => Self;

    internal ActorSystemImpl SystemImpl { get; }

    internal ISystemRef ParentRef { get; }

    internal Mailbox Mailbox { get; }

    internal object CurrentMessage => _message;

    /// <summary>Counts user messages, so that the stash can tell them apart.</summary>
    internal long EnvelopeId { get; private set; }

    internal TimerScheduler Timers => _timers ??= new TimerScheduler(this);

    internal Type ActorType => _actor?.GetType() ?? Props.Type;

    public void Become(Receive receive) => _behaviour = receive ?? throw new ArgumentNullException(nameof(receive));

    public void Become(UntypedReceive receive)
    {
        ArgumentNullException.ThrowIfNull(receive);
        _behaviour = message =>
        {
            receive(message);
            return true;
        };
    }

    public void Stop(IActorRef child) => SystemImpl.Stop(child);

    /// <summary>Hands one user message to the actor; its exception is the supervisor's business.</summary>
    internal void Invoke(in Envelope envelope)
    {
        EnvelopeId++;
        _sender = envelope.Sender;
        try
        {
            Dispatch(envelope.Message);
        }
        catch (Exception cause)
        {
            Fail(cause);
        }
        _message = null;
    }

    private void Dispatch(object message)
    {
        _message = message;
        if (message is TimerMessage timer)
        {
            message = _message = _timers?.Take(timer);
            if (message is null) return;
        }
        if (message is PoisonPill) Self.Stop();
        else if (message is Terminated end) ReceiveTerminated(end);
        else _actor.Handle(_behaviour, message);
    }
}
