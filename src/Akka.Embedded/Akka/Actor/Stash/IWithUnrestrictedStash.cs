namespace Akka.Actor;

/// <summary>An actor with a stash on whatever mailbox.</summary>
public interface IWithUnrestrictedStash : IActorStash
{
}
