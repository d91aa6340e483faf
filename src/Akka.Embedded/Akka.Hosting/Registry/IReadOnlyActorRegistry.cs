using Akka.Actor;

namespace Akka.Hosting;

/// <summary>Actors by a type that stands for their role.</summary>
public interface IReadOnlyActorRegistry : IEnumerable<KeyValuePair<Type, IActorRef>>
{
    bool TryGet<TKey>(out IActorRef actor);

    bool TryGet(Type key, out IActorRef actor);

    /// <exception cref="MissingActorRegistryEntryException">None is registered.</exception>
    IActorRef Get<TKey>();

    /// <summary>Waits until one is registered.</summary>
    Task<IActorRef> GetAsync<TKey>(CancellationToken ct = default);

    /// <summary>Waits until one is registered.</summary>
    Task<IActorRef> GetAsync(Type key, CancellationToken ct = default);
}
