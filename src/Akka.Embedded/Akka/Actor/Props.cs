using System.Linq.Expressions;
using System.Reflection;
using Akka.Dispatch;

namespace Akka.Actor;

/// <summary>The recipe of an actor: type, constructor arguments, dispatcher, strategy for its children.</summary>
public class Props
{
    private readonly Func<ActorBase> _producer;
    private readonly string _dispatcher;

    internal Props(Type type, object[] args, SupervisorStrategy strategy = null, string dispatcher = null, Func<ActorBase> producer = null)
    {
        ArgumentNullException.ThrowIfNull(type);
        if (!typeof(ActorBase).IsAssignableFrom(type)) throw new ArgumentException($"{type} is not an actor: it does not derive from ActorBase.", nameof(type));
        Type = type;
        Arguments = args ?? [null];
        SupervisorStrategy = strategy;
        _dispatcher = dispatcher;
        _producer = producer;
    }

    public Type Type { get; }

    /// <summary>The id of the dispatcher.</summary>
    public string Dispatcher => _dispatcher ?? Dispatchers.DefaultDispatcherId;

    /// <summary>The strategy for children of the actor; null: the actor says itself.</summary>
    public SupervisorStrategy SupervisorStrategy { get; protected set; }

    public object[] Arguments { get; }

    internal bool HasDispatcher => _dispatcher is not null;

    /// <summary>From <c>() => new MyActor(a, b)</c>; the arguments are evaluated now, once.</summary>
    /// <exception cref="InvalidCastException">The expression is not a constructor call.</exception>
    public static Props Create<TActor>(Expression<Func<TActor>> factory, SupervisorStrategy supervisorStrategy = null)
        where TActor : ActorBase
    {
        if (factory.Body is not NewExpression construct) throw new InvalidCastException("The expression must be a constructor call: () => new MyActor(...).");
        return new Props(typeof(TActor), [.. construct.Arguments.Select(ArgumentExpression.Evaluate)], supervisorStrategy);
    }

    public static Props Create<TActor>(params object[] args)
        where TActor : ActorBase => new(typeof(TActor), args);

    public static Props Create<TActor>(SupervisorStrategy supervisorStrategy)
        where TActor : ActorBase, new() => new(typeof(TActor), [], supervisorStrategy);

    public static Props Create(Type type, params object[] args) => new(type, args);

    /// <summary>The same on another dispatcher, given by its configuration path.</summary>
    public Props WithDispatcher(string dispatcher) => new(Type, Arguments, SupervisorStrategy, dispatcher, _producer);

    /// <summary>The same with another strategy for the children of the actor.</summary>
    public Props WithSupervisorStrategy(SupervisorStrategy supervisorStrategy) => new(Type, Arguments, supervisorStrategy, _dispatcher, _producer);

    internal ActorBase NewActor()
    {
        if (_producer is not null) return _producer();
        try
        {
            return (ActorBase)Activator.CreateInstance(Type, BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic, binder: null, Arguments, culture: null);
        }
        catch (Exception cause)
        {
            throw new TypeLoadException($"Error while creating actor instance of type {Type} with {Arguments.Length} args: ({string.Join(",", Arguments)})", cause);
        }
    }
}
