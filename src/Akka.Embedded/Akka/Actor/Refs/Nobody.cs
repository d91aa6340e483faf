namespace Akka.Actor;

/// <summary>The ref of no actor: drops what it is sent.</summary>
public sealed class Nobody : IActorRef
{
    /// <summary>The only one.</summary>
    public static readonly Nobody Instance = new();

    private readonly ActorPath _path = ActorPath.NewRoot("all-systems").Child("Nobody");

    private Nobody()
    {
    }

    /// <inheritdoc/>
    public ActorPath Path => _path;

    void ICanTell.Tell(object message, IActorRef sender)
    {
    }

    bool IEquatable<IActorRef>.Equals(IActorRef other) => ReferenceEquals(this, other);

    int IComparable<IActorRef>.CompareTo(IActorRef other) => RefOrder.Compare(this, other);

    int IComparable.CompareTo(object obj) => RefOrder.Compare(this, obj);

    public override string ToString() => "[" + _path.ToStringWithUid() + "]";
}
