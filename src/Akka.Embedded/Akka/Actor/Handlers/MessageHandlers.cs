namespace Akka.Actor;

/// <summary>One entry of a handler table.</summary>
internal abstract class MessageHandler
{
    internal abstract bool TryHandle(object message);
}

internal sealed class ActionHandler<T>(Action<T> handler, Predicate<T> shouldHandle) : MessageHandler
{
    private readonly Action<T> _handler = handler ?? throw new ArgumentNullException(nameof(handler));

    internal override bool TryHandle(object message)
    {
        if (message is not T typed || (shouldHandle is not null && !shouldHandle(typed))) return false;
        _handler(typed);
        return true;
    }
}

internal sealed class FuncHandler<T>(Func<T, bool> handler) : MessageHandler
{
    private readonly Func<T, bool> _handler = handler ?? throw new ArgumentNullException(nameof(handler));

    internal override bool TryHandle(object message) => message is T typed && _handler(typed);
}

internal sealed class TypeHandler(Type type, Action<object> handler, Predicate<object> shouldHandle) : MessageHandler
{
    private readonly Type _type = type ?? throw new ArgumentNullException(nameof(type));
    private readonly Action<object> _handler = handler ?? throw new ArgumentNullException(nameof(handler));

    internal override bool TryHandle(object message)
    {
        if (!_type.IsInstanceOfType(message) || (shouldHandle is not null && !shouldHandle(message))) return false;
        _handler(message);
        return true;
    }
}

internal sealed class TypeFuncHandler(Type type, Func<object, bool> handler) : MessageHandler
{
    private readonly Type _type = type ?? throw new ArgumentNullException(nameof(type));
    private readonly Func<object, bool> _handler = handler ?? throw new ArgumentNullException(nameof(handler));

    internal override bool TryHandle(object message) => _type.IsInstanceOfType(message) && _handler(message);
}
