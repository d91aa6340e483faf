namespace Akka.Actor;

/// <summary>Equality, order and text that all refs of a system share.</summary>
internal abstract class ActorRefWithIdentity(ActorSystemImpl system) : ISystemRef
{
    public abstract ActorPath Path { get; }

    public ActorSystemImpl SystemImpl { get; } = system;

    public abstract void Tell(object message, IActorRef sender);

    public abstract void SendSystem(SystemMessage message);

    public bool Equals(IActorRef other) => RefOrder.AreEqual(this, other);

    public override bool Equals(object obj) => obj is IActorRef other && RefOrder.AreEqual(this, other);

    public override int GetHashCode() => HashCode.Combine(Path, Path.Uid);

    public int CompareTo(IActorRef other) => RefOrder.Compare(this, other);

    public int CompareTo(object obj) => RefOrder.Compare(this, obj);

    public override string ToString() => "[" + Path.ToStringWithUid() + "]";
}
