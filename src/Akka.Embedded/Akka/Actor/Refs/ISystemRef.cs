namespace Akka.Actor;

/// <summary>A ref that takes part in life cycle and death watch.</summary>
internal interface ISystemRef : IActorRef
{
    ActorSystemImpl SystemImpl { get; }

    void SendSystem(SystemMessage message);
}
