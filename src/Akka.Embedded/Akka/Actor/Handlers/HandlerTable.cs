namespace Akka.Actor;

/// <summary>The handlers of one behaviour, in order.</summary>
internal sealed class HandlerTable
{
    private readonly List<MessageHandler> _handlers = [];
    private MessageHandler[] _sealed;
    private bool _handlesAll;

    internal void Add(MessageHandler handler, bool handlesAll)
    {
        if (_handlesAll) throw new InvalidOperationException("A handler that takes every message was added before: none can follow it.");
        _handlesAll = handlesAll;
        _handlers.Add(handler);
    }

    internal bool Handle(object message)
    {
        foreach (var handler in _sealed ??= [.. _handlers])
        {
            if (handler.TryHandle(message)) return true;
        }
        return false;
    }
}
