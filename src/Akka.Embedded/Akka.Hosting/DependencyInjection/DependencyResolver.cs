using Akka.Actor;

namespace Akka.DependencyInjection;

/// <summary>The resolver of a hosted system.</summary>
public sealed class DependencyResolver
{
    public DependencyResolver(IDependencyResolver resolver) => Resolver = resolver;

    public IDependencyResolver Resolver { get; }

    /// <exception cref="InvalidOperationException">The system was not made by AddAkka.</exception>
    public static DependencyResolver For(ActorSystem actorSystem) => ((ActorSystemImpl)actorSystem).Service<DependencyResolver>()
        ?? throw new InvalidOperationException($"{actorSystem} has no services: it was not made by AddAkka.");

    public Props Props<T>(params object[] args)
        where T : ActorBase => Resolver.Props<T>(args);

    public Props Props<T>()
        where T : ActorBase => Resolver.Props<T>();

    public Props Props(Type type) => Resolver.Props(type);

    public Props Props(Type type, params object[] args) => Resolver.Props(type, args);
}
