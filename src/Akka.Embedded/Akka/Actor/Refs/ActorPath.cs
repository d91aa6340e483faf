namespace Akka.Actor;

/// <summary>The place of an actor in the tree: <c>akka://system/user/parent/child</c>. Equality ignores the uid.</summary>
public abstract class ActorPath : IEquatable<ActorPath>, IComparable<ActorPath>
{
    /// <summary>Characters besides letters, digits and %XX that a name may have.</summary>
    public const string ValidSymbols = "\"-_.*$+:@&=,!~';()";

    private readonly string _systemAddress;
    private readonly int _hash;

    internal ActorPath(string systemAddress)
    {
        _systemAddress = systemAddress;
        Name = "/";
        _hash = systemAddress.GetHashCode(StringComparison.Ordinal);
    }

    internal ActorPath(ActorPath parent, string name, long uid)
    {
        _systemAddress = parent._systemAddress;
        Parent = parent;
        Name = name;
        Uid = uid;
        Depth = parent.Depth + 1;
        _hash = HashCode.Combine(parent._hash, name);
    }

    /// <summary>The last element; "/" for the root.</summary>
    public string Name { get; }

    /// <summary>The incarnation; 0 when it is not known.</summary>
    public long Uid { get; }

    /// <summary>The path above; null for the root.</summary>
    public ActorPath Parent { get; }

    /// <summary>How many elements are below the root.</summary>
    public int Depth { get; }

    /// <summary>The names from the root down.</summary>
    public IReadOnlyList<string> Elements
    {
        get
        {
            var names = new string[Depth];
            for (var p = this; p.Depth > 0; p = p.Parent) names[p.Depth - 1] = p.Name;
            return names;
        }
    }

    /// <summary>The top of the tree.</summary>
    public ActorPath Root => Depth == 0 ? this : ParentOf(0);

    public static bool operator ==(ActorPath left, ActorPath right) => left is null ? right is null : left.Equals(right);

    public static bool operator !=(ActorPath left, ActorPath right) => !(left == right);

    public static ActorPath operator /(ActorPath path, string name) => path.Child(name);

    public static ActorPath operator /(ActorPath path, IEnumerable<string> name) => name.Where(n => n.Length > 0).Aggregate(path, (p, n) => p.Child(n));

    /// <summary>Whether the text can be a name in a path (names that begin with $ are the system's own).</summary>
    public static bool IsValidPathElement(string s)
    {
        if (string.IsNullOrEmpty(s) || s[0] == '$') return false;
        for (var i = 0; i < s.Length; i++)
        {
            if (s[i] == '%' && i + 2 < s.Length && char.IsAsciiHexDigit(s[i + 1]) && char.IsAsciiHexDigit(s[i + 2])) i += 2;
            else if (!char.IsAsciiLetterOrDigit(s[i]) && !ValidSymbols.Contains(s[i], StringComparison.Ordinal)) return false;
        }
        return true;
    }

    /// <summary>The path one element down.</summary>
    public ActorPath Child(string childName) => new LocalActorPath(this, childName, 0);

    /// <summary>The same place as another incarnation.</summary>
    public ActorPath WithUid(long uid) => uid == Uid || Depth == 0 ? this : new LocalActorPath(Parent, Name, uid);

    /// <summary>The ancestor at a depth; negative counts up from here.</summary>
    public ActorPath ParentOf(int depth)
    {
        var wanted = depth >= 0 ? depth : Math.Max(0, Depth + depth);
        var path = this;
        while (path.Depth > wanted) path = path.Parent;
        return path;
    }

    public bool Equals(ActorPath other)
    {
        if (ReferenceEquals(this, other)) return true;
        if (other is null || _hash != other._hash || Depth != other.Depth) return false;
        for (ActorPath a = this, b = other; ; a = a.Parent, b = b.Parent)
        {
            if (ReferenceEquals(a, b)) return true;
            if (a.Depth == 0) return a._systemAddress == b._systemAddress;
            if (a.Name != b.Name) return false;
        }
    }

    public override bool Equals(object obj) => obj is ActorPath other && Equals(other);

    public override int GetHashCode() => _hash;

    public int CompareTo(ActorPath other) => other is null ? 1 : string.CompareOrdinal(ToString(), other.ToString());

    /// <summary>The path from the root: <c>/user/a</c>.</summary>
    public string ToStringWithoutAddress() => Depth == 0 ? "/" : "/" + string.Join('/', Elements);

    /// <summary>The whole path with #uid when that is known.</summary>
    public string ToStringWithUid() => Uid == 0 ? ToString() : ToString() + "#" + Uid;

    public override string ToString() => _systemAddress + ToStringWithoutAddress();

    internal static ActorPath NewRoot(string systemName) => new LocalActorPath("akka://" + systemName);

    internal ActorPath Child(string name, long uid) => new LocalActorPath(this, name, uid);
}
