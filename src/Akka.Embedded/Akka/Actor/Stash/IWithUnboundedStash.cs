namespace Akka.Actor;

/// <summary>An actor with a stash without bound.</summary>
public interface IWithUnboundedStash : IWithUnrestrictedStash
{
}
