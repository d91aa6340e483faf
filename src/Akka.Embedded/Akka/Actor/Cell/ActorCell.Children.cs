namespace Akka.Actor;

/// <content>Children. The guardians' are made by any thread, hence the lock.</content>
internal sealed partial class ActorCell
{
    private readonly Lock _childGate = new();
    private Dictionary<string, LocalActorRef> _children;
    private long _autoNames;
    private bool _terminating;

    public IActorRef ActorOf(Props props, string name = null)
    {
        ArgumentNullException.ThrowIfNull(props);
        if (name is not null) CheckName(name);
        var dispatcher = SystemImpl.Dispatchers.Lookup(props.Dispatcher);
        LocalActorRef child;
        lock (_childGate)
        {
            if (_terminating) throw new InvalidOperationException("Cannot create child while terminating or terminated");
            name ??= AutoName(_autoNames++);
            _children ??= [];
            if (_children.ContainsKey(name)) throw new InvalidActorNameException($"Actor name \"{name}\" is not unique!");
            child = new ActorCell(SystemImpl, props, Self.Path.Child(name, SystemImpl.NextUid()), Self, dispatcher).Self;
            _children.Add(name, child);
        }
        child.SendSystem(new Create());
        return child;
    }

    public IActorRef Child(string name)
    {
        lock (_childGate) return _children is not null && _children.TryGetValue(name, out var child) ? child : ActorRefs.Nobody;
    }

    public IEnumerable<IActorRef> GetChildren() => ChildRefs();

    private static void CheckName(string name)
    {
        if (name.Length == 0) throw new InvalidActorNameException("Actor name must not be empty.");
        if (!ActorPath.IsValidPathElement(name))
        {
            throw new InvalidActorNameException(
                $"Illegal actor name [{name}]. Actor names must only contain ASCII letters, digits, %XX and {ActorPath.ValidSymbols}, and not begin with $.");
        }
    }

    private static string AutoName(long number)
    {
        const string Digits = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+~";
        var name = "$";
        do
        {
            name += Digits[(int)(number % Digits.Length)];
            number /= Digits.Length;
        }
        while (number > 0);
        return name;
    }

    private LocalActorRef[] ChildRefs()
    {
        lock (_childGate) return _children is null ? [] : [.. _children.Values];
    }

    private bool IsChild(LocalActorRef actor)
    {
        lock (_childGate) return _children is not null && _children.TryGetValue(actor.Path.Name, out var child) && child.Equals(actor);
    }

    private void RemoveChild(IActorRef actor)
    {
        lock (_childGate)
        {
            if (_children is not null && _children.TryGetValue(actor.Path.Name, out var child) && child.Equals(actor)) _children.Remove(actor.Path.Name);
        }
    }
}
