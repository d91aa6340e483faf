namespace Akka.Actor;

/// <summary>An actor with a stash, set after its constructor and before PreStart.</summary>
public interface IActorStash
{
    IStash Stash { get; set; }
}
