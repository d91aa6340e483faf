using System.Reflection;
using System.Text.RegularExpressions;

namespace Vmm.Architecture.Tests;

/// <summary>
/// Finds where types that stand in for Akka.NET's would let code compile that the real ones do not, or bind it to something else: what is
/// not there, what is there in another shape, overloads that miss, abstract members that a subclass would miss.
/// </summary>
internal sealed partial class AkkaSubsetComparer(AkkaSubsetApi api, IReadOnlyCollection<Type> subset)
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    // Names that a signature may hold besides those of the subset: what exists without Akka.
    private readonly HashSet<string> _names = new(
        new[] { typeof(object), typeof(System.Linq.Expressions.Expression), typeof(HashSet<>), typeof(Microsoft.Extensions.Hosting.IHost) }
            .Concat([typeof(Microsoft.Extensions.DependencyInjection.IServiceCollection), typeof(Microsoft.Extensions.Logging.ILoggerFactory)])
            .Concat([typeof(Microsoft.Extensions.Configuration.IConfiguration), typeof(Xunit.Abstractions.ITestOutputHelper)])
            .SelectMany(t => t.Assembly.GetExportedTypes())
            .Where(t => !t.Namespace!.StartsWith("Akka", StringComparison.Ordinal))
            .Concat(subset)
            .Select(t => t.Name.Split('`')[0]));

    internal IEnumerable<string> Compare() => subset.SelectMany(CompareType);

    private IEnumerable<string> CompareType(Type type)
    {
        var name = AkkaSubsetText.FullName(type);
        if (api.Find(name) is not { } real) return [$"{name}: no such type"];
        return CompareHeader(type, real).Concat(CompareMembers(type, real)).Concat(MissingMembers(type, real)).Select(problem => $"{name}: {problem}");
    }

    private IEnumerable<string> CompareHeader(Type type, AkkaSubsetType real)
    {
        var kind = AkkaSubsetText.Kind(type);
        // Sealed, or abstract without a constructor that shows, only forbids more.
        var forbidsMore = real.Kind == "class" && (type.IsSealed || (type.IsAbstract && !HasVisibleConstructor(type)));
        if (kind != real.Kind && !forbidsMore) yield return $"is a {kind}, is to be a {real.Kind}";
        if (kind is "delegate" or "enum" or "struct") yield break;
        var bases = api.BasesOf(real);
        var own = type.GetInterfaces().Append(type.BaseType).OfType<Type>().Where(b => b.IsVisible && b != typeof(object) && b != typeof(ValueType));
        // What a base of the framework brings along, as exceptions their serialization, is nobody's choice.
        own = own.Except(FrameworkBase(type)?.GetInterfaces() ?? []);
        foreach (var extra in own.Select(AkkaSubsetText.Name).Where(b => !bases.Contains(b))) yield return $"must not be a {extra}";
    }

    private Type? FrameworkBase(Type type)
    {
        var above = type.BaseType;
        while (above is not null && subset.Contains(above)) above = above.BaseType;
        return above;
    }

    private static IEnumerable<string> CompareMembers(Type type, AkkaSubsetType real)
    {
        var listed = Normalized(type, real.Members).ToHashSet();
        var values = real.Members.SelectMany(m => m.Split(", ")).ToHashSet();
        foreach (var member in MembersOf(type))
        {
            if (type.IsEnum ? values.Contains(member) : listed.Contains(Normalize(type, member)) || listed.Contains(WithoutReadonly(type, member))) continue;
            yield return $"has \"{member}\", which the listing has not; there: {string.Join(" | ", real.Members.Where(m => NameOf(m) == NameOf(member)))}";
        }
    }

    /// <summary>Overloads of what is there, and abstract members where subclasses can be made.</summary>
    private IEnumerable<string> MissingMembers(Type type, AkkaSubsetType real)
    {
        if (type.IsEnum) yield break;
        var own = MembersOf(type).ToArray();
        var present = Normalized(type, own).ToHashSet();
        var names = own.Where(m => m.Contains('(', StringComparison.Ordinal)).Select(NameOf).ToHashSet();
        var open = CanBeSubclassed(type);
        foreach (var member in real.Members.Where(m => m.Contains('(', StringComparison.Ordinal) || IsAbstract(m)))
        {
            if (present.Contains(Normalize(type, member))) continue;
            if (open && IsAbstract(member) && NamesOnlyKnownTypes(member, real)) yield return $"misses abstract \"{member}\"";
            else if (names.Contains(NameOf(member)) && CouldBeChosen(member, real, open)) yield return $"misses the overload \"{member}\"";
        }
    }

    private bool CouldBeChosen(string member, AkkaSubsetType real, bool open) =>
        !member.StartsWith("[Obsolete]", StringComparison.Ordinal)
        && !member.Contains("SerializationInfo", StringComparison.Ordinal)
        && (open || !member.StartsWith("protected", StringComparison.Ordinal))
        && NamesOnlyKnownTypes(member, real);

    /// <summary>No argument can be of a type that does not exist.</summary>
    private bool NamesOnlyKnownTypes(string member, AkkaSubsetType real)
    {
        var generics = Generics().Match(member).Value + Generics().Match(real.ShortName).Value;
        var parameters = AkkaSubsetText.SplitTopLevel(member[(member.IndexOf('(', StringComparison.Ordinal) + 1)..].Split(") where ")[0].TrimEnd(')'));
        var types = parameters.Select(p => p.Split(" = ")[0]).Select(p => p.Contains(' ', StringComparison.Ordinal) ? p[..p.LastIndexOf(' ')] : p);
        return types.SelectMany(t => Identifiers().Matches(t).Select(m => m.Value))
            .All(word => char.IsLower(word[0]) || _names.Contains(word) || Identifiers().Matches(generics).Any(g => g.Value == word));
    }

    private static IEnumerable<string> MembersOf(Type type)
    {
        if (type.IsEnum) return Enum.GetNames(type).Select(n => $"{n}={Convert.ToInt64(Enum.Parse(type, n))}");
        if (typeof(Delegate).IsAssignableFrom(type)) return [AkkaSubsetText.Method(type.GetMethod("Invoke")!).Replace("virtual ", "", StringComparison.Ordinal)];
        var constructors = type.GetConstructors(Declared).Where(c => !c.IsStatic && AkkaSubsetText.Visible(c)).Select(AkkaSubsetText.Constructor);
        var methods = type.GetMethods(Declared).Where(IsShown).Select(AkkaSubsetText.Method);
        var properties = type.GetProperties(Declared).Where(p => AkkaSubsetText.Visible(p.GetMethod) || AkkaSubsetText.Visible(p.SetMethod)).Select(AkkaSubsetText.Property);
        var fields = type.GetFields(Declared).Where(f => f.IsPublic || f.IsFamily || f.IsFamilyOrAssembly).Select(AkkaSubsetText.Field);
        return constructors.Concat(methods).Concat(properties).Concat(fields);
    }

    private static bool IsShown(MethodInfo method) => AkkaSubsetText.Visible(method)
        && (!method.IsSpecialName || method.Name.StartsWith("op_", StringComparison.Ordinal))
        && method.GetBaseDefinition().DeclaringType != typeof(object);

    private static bool HasVisibleConstructor(Type type) => type.GetConstructors(Declared).Any(c => !c.IsStatic && AkkaSubsetText.Visible(c));

    private static bool CanBeSubclassed(Type type) => type is { IsClass: true, IsSealed: false } && HasVisibleConstructor(type);

    private static bool IsAbstract(string member) => member.StartsWith("abstract ", StringComparison.Ordinal) || member.StartsWith("protected abstract ", StringComparison.Ordinal);

    private static IEnumerable<string> Normalized(Type type, IEnumerable<string> members) => members.Select(m => Normalize(type, m));

    /// <summary>Where nobody can make a subclass, nobody sees what is virtual.</summary>
    private static string Normalize(Type type, string member) =>
        CanBeSubclassed(type) || type.IsInterface ? member : Virtuality().Replace(member, "");

    // A field that cannot be assigned only forbids more.
    private static string WithoutReadonly(Type type, string member) => Normalize(type, member).Replace("readonly ", "", StringComparison.Ordinal);

    private static string NameOf(string member) => MemberName().Match(member).Groups["name"].Value;

    [GeneratedRegex(@"\b(?:abstract|virtual|override) ", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Virtuality();

    [GeneratedRegex(@"(?<name>\w+)(?:<[\w, ]*>)?(?:\(| \{|$| = )", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex MemberName();

    [GeneratedRegex(@"(?<=\w)<[\w, ]*>(?=\(|$)", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Generics();

    [GeneratedRegex(@"\w+", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Identifiers();
}
