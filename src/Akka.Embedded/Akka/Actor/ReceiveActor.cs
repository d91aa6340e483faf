namespace Akka.Actor;

/// <summary>An actor whose behaviours are tables of handlers, tried in the order of their declaration.</summary>
public abstract class ReceiveActor : UntypedActor
{
    private HandlerTable _open = new();
    private HandlerTable _first;

    protected ReceiveActor()
    {
    }

    internal void FinishConstruction()
    {
        _first = _open;
        _open = null;
    }

    protected sealed override void OnReceive(object message)
    {
        if (!_first.Handle(message)) Unhandled(message);
    }

    /// <summary>Replaces the behaviour by the handlers that <paramref name="configure"/> declares.</summary>
    protected void Become(Action configure)
    {
        var outer = _open;
        var table = _open = new HandlerTable();
        try
        {
            configure();
        }
        finally
        {
            _open = outer;
        }
        Become(table.Handle);
    }

    protected void Receive<T>(Action<T> handler, Predicate<T> shouldHandle = null) =>
        Open.Add(new ActionHandler<T>(handler, shouldHandle), typeof(T) == typeof(object) && shouldHandle is null);

    protected void Receive<T>(Predicate<T> shouldHandle, Action<T> handler) => Receive(handler, shouldHandle);

    protected void Receive(Type messageType, Action<object> handler, Predicate<object> shouldHandle = null) =>
        Open.Add(new TypeHandler(messageType, handler, shouldHandle), messageType == typeof(object) && shouldHandle is null);

    protected void Receive(Type messageType, Predicate<object> shouldHandle, Action<object> handler) => Receive(messageType, handler, shouldHandle);

    /// <summary>A handler that says itself whether it has handled the message.</summary>
    protected void Receive<T>(Func<T, bool> handler) => Open.Add(new FuncHandler<T>(handler), handlesAll: false);

    protected void Receive(Type messageType, Func<object, bool> handler) => Open.Add(new TypeFuncHandler(messageType, handler), handlesAll: false);

    /// <summary>Handles whatever is left; no handler can follow.</summary>
    protected void ReceiveAny(Action<object> handler) => Open.Add(new ActionHandler<object>(handler, null), handlesAll: true);

    private HandlerTable Open => _open ?? throw new InvalidOperationException(
        "Receive methods may be called only in the constructor of an actor and inside Become.");
}
