namespace Akka.Actor;

/// <summary>The one equality and order of refs.</summary>
internal static class RefOrder
{
    internal static bool AreEqual(IActorRef a, IActorRef b) =>
        ReferenceEquals(a, b) || (a is not null && b is not null && a.Path.Uid == b.Path.Uid && a.Path.Equals(b.Path));

    internal static int Compare(IActorRef a, object b)
    {
        if (b is null) return 1;
        if (b is not IActorRef other) throw new ArgumentException($"{b.GetType()} is not an actor ref.", nameof(b));
        var byPath = a.Path.CompareTo(other.Path);
        return byPath != 0 ? byPath : a.Path.Uid.CompareTo(other.Path.Uid);
    }
}
