using Akka.Actor;

namespace Akka.TestKit;

/// <summary>A receiver of messages beside the test's own; it is a ref itself.</summary>
public class TestProbe : TestKitBase, INoImplicitSender, ISystemRef
{
    internal TestProbe(ActorSystem system, string name)
        : base(system, null, null, name)
    {
    }

    /// <summary>The ref to send to.</summary>
    public IActorRef Ref => TestActor;

    /// <summary>Who sent the message received last.</summary>
    public IActorRef Sender => LastSender;

    ActorPath IActorRef.Path => TestActor.Path;

    ActorSystemImpl ISystemRef.SystemImpl => SystemImpl;

    /// <summary>Sends as the probe.</summary>
    public void Send(IActorRef actor, object message) => actor.Tell(message, TestActor);

    /// <summary>Sends as whoever sent the message received last.</summary>
    public void Forward(IActorRef actor, object message) => actor.Tell(message, Sender);

    /// <summary>Sends the message received last on.</summary>
    public void Forward(IActorRef actor) => actor.Tell(LastMessage, Sender);

    /// <summary>Answers whoever sent the message received last.</summary>
    public void Reply(object message) => Sender.Tell(message, TestActor);

    public int CompareTo(object obj) => TestActor.CompareTo(obj);

    void ICanTell.Tell(object message, IActorRef sender) => TestActor.Tell(message, sender);

    void ISystemRef.SendSystem(SystemMessage message) => ((ISystemRef)TestActor).SendSystem(message);

    bool IEquatable<IActorRef>.Equals(IActorRef other) => TestActor.Equals(other);

    int IComparable<IActorRef>.CompareTo(IActorRef other) => TestActor.CompareTo(other);

    public override bool Equals(object obj) => TestActor.Equals(obj);

    public override int GetHashCode() => TestActor.GetHashCode();

    public override string ToString() => TestActor.ToString();
}
