using System.Text.RegularExpressions;

namespace Vmm.Architecture.Tests;

/// <summary>A listing of Akka.NET's public types, read: one header a type, and two blanks before each member.</summary>
internal sealed partial class AkkaSubsetApi
{
    // Bases that the listing names and does not describe.
    private static readonly Dictionary<string, string[]> Undescribed = new()
    {
        ["MinimalActorRef"] = ["IInternalActorRef"],
        ["ActorEventBus<object, Type>"] = ["EventBus<object, Type, IActorRef>"],
        ["IEnumerable<KeyValuePair<Type, IActorRef>>"] = ["IEnumerable"],
    };

    private readonly Dictionary<string, AkkaSubsetType> _types = [];

    internal AkkaSubsetApi(IEnumerable<string> lines)
    {
        AkkaSubsetType? current = null;
        foreach (var line in lines.Where(l => l.Length > 0 && l[0] != '#'))
        {
            if (line.StartsWith("  ", StringComparison.Ordinal)) current!.Members.Add(line.Trim());
            else current = Begin(line);
        }
    }

    internal AkkaSubsetType? Find(string fullName) => _types.GetValueOrDefault(fullName);

    /// <summary>All bases and interfaces of a type, by short name.</summary>
    internal HashSet<string> BasesOf(AkkaSubsetType type)
    {
        var all = new HashSet<string>();
        var open = new Queue<string>(type.Bases);
        while (open.TryDequeue(out var name))
        {
            if (!all.Add(name)) continue;
            var known = _types.Values.FirstOrDefault(t => t.ShortName == name);
            foreach (var above in known?.Bases ?? Undescribed.GetValueOrDefault(name, [])) open.Enqueue(above);
        }
        return all;
    }

    private AkkaSubsetType Begin(string header)
    {
        var parts = Header().Match(header.Split(" where ")[0]);
        Assert.True(parts.Success, $"The listing has a header that cannot be read: {header}");
        if (_types.TryGetValue(parts.Groups["name"].Value, out var known)) return known;
        var bases = parts.Groups["bases"].Success ? AkkaSubsetText.SplitTopLevel(parts.Groups["bases"].Value) : [];
        var type = new AkkaSubsetType(parts.Groups["kind"].Value, parts.Groups["name"].Value, bases);
        if (parts.Groups["parameters"].Success) type.Members.Add($"{parts.Groups["returns"].Value} Invoke{parts.Groups["parameters"].Value}");
        _types.Add(type.FullName, type);
        return type;
    }

    [GeneratedRegex(
        @"^(?<kind>(?:static |abstract |sealed )?(?:class|interface|struct|enum)|delegate) (?:(?<returns>\S+) (?=.*\())?(?<name>[\w.]+(?:<[^>]*>)?)(?<parameters>\(.*\))?(?: : (?<bases>.*))?$",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex Header();
}

/// <summary>A type of the listing.</summary>
internal sealed record AkkaSubsetType(string Kind, string FullName, IReadOnlyList<string> Bases)
{
    internal List<string> Members { get; } = [];

    internal string ShortName => AkkaSubsetText.ShortName(FullName);
}
