using Akka.Actor;

namespace Akka.Hosting;

/// <summary>A registered actor as a service; <typeparamref name="TActor"/> is its key.</summary>
public interface IRequiredActor<TActor>
{
    /// <exception cref="MissingActorRegistryEntryException">It is not registered yet.</exception>
    IActorRef ActorRef { get; }

    /// <summary>Waits until it is registered.</summary>
    Task<IActorRef> GetAsync(CancellationToken cancellationToken = default);
}
