using Akka.Actor;

namespace Akka.DependencyInjection;

/// <summary>Makes recipes of actors whose constructor arguments come from the services and, first, from those given.</summary>
public interface IDependencyResolver
{
    IResolverScope CreateScope();

    /// <summary>The service, or null.</summary>
    T GetService<T>();

    /// <summary>The service, or null.</summary>
    object GetService(Type type);

    Props Props(Type type, params object[] args);

    Props Props(Type type);

    Props Props<T>(params object[] args)
        where T : ActorBase;
}
