using Akka.Actor;

namespace Akka.Hosting;

/// <summary>Starts actors of a new system.</summary>
public delegate Task ActorStarter(ActorSystem system, IActorRegistry registry);
