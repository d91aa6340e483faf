namespace Akka.Actor;

internal sealed class LocalActorPath : ActorPath
{
    internal LocalActorPath(string systemAddress)
        : base(systemAddress)
    {
    }

    internal LocalActorPath(ActorPath parent, string name, long uid)
        : base(parent, name, uid)
    {
    }
}
