using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Vmm.Architecture.Tests.Tree;

namespace Vmm.Architecture.Tests.Rules;

/// <summary>Type names say a role, a file holds one public type and has its name.</summary>
internal static partial class TypeNameRule
{
    private static readonly string[] Empty = ["Manager", "Helper", "Helpers", "Util", "Utils", "Utility", "Common", "Base", "Misc", "Impl"];

    /// <summary>Words that say nothing about the role.</summary>
    public static IEnumerable<Violation> CheckWords(SourceFile file) =>
        from type in file.Nodes<MemberDeclarationSyntax>()
        let name = NameOf(type)
        where name is not null
        from word in Words().Matches(name).Select(match => match.Value)
        where Empty.Contains(word)
        select file.At(type, $"'{word}' in {name} says no role: name what it does (…Actor, …Plan, …Calls, …Ledger, …Snapshot)");

    /// <summary>One public type a file; protocols, and a generic type beside its twin, aside.</summary>
    public static IEnumerable<Violation> CheckOnePublicType(SourceFile file)
    {
        if (file.Name.EndsWith("Protocol.cs", StringComparison.Ordinal))
        {
            return [];
        }

        var types = TopLevelPublic(file).ToList();
        return types
            .Where(type => NameOf(type) != NameOf(types[0]))
            .Select(type => file.At(type, $"a second public type, {NameOf(type)}: give it a file of its own"));
    }

    /// <summary>A file with a public type is called after it: <c>Type.cs</c>, <c>Type.Aspect.cs</c>.</summary>
    public static IEnumerable<Violation> CheckFileName(SourceFile file) =>
        TopLevelPublic(file).Take(1)
            .Where(type => file.Name.Split('.')[0] != NameOf(type))
            .Select(type => file.At(type, $"{NameOf(type)} in a file of another name: call the file {NameOf(type)}.cs"));

    /// <summary>Actors are sealed, derive from the framework's own classes, and are called actors.</summary>
    public static IEnumerable<Violation> CheckActors(SourceFile file)
    {
        foreach (var type in file.Nodes<ClassDeclarationSyntax>())
        {
            var parent = type.BaseList?.Types.First().Type.ToString();
            var isActor = parent is "ReceiveActor" or "UntypedActor";
            var isNamedActor = type.Identifier.Text.EndsWith("Actor", StringComparison.Ordinal);
            if (isNamedActor && !isActor)
            {
                yield return file.At(type, $"{type.Identifier} does not derive directly from ReceiveActor or UntypedActor: no base classes of our own, or another name");
            }

            if (isActor && !isNamedActor)
            {
                yield return file.At(type, $"{type.Identifier} is an actor: end its name in Actor");
            }

            if (isActor && !type.Modifiers.Any(SyntaxKind.SealedKeyword))
            {
                yield return file.At(type, $"{type.Identifier} is an actor: seal it");
            }
        }
    }

    private static IEnumerable<MemberDeclarationSyntax> TopLevelPublic(SourceFile file) =>
        file.Nodes<MemberDeclarationSyntax>().Where(node =>
            node.Parent is BaseNamespaceDeclarationSyntax or CompilationUnitSyntax && NameOf(node) is not null && node.Modifiers.Any(SyntaxKind.PublicKeyword));

    private static string? NameOf(MemberDeclarationSyntax node) => node switch
    {
        BaseTypeDeclarationSyntax type => type.Identifier.Text,
        DelegateDeclarationSyntax type => type.Identifier.Text,
        _ => null,
    };

    [GeneratedRegex("[A-Z][a-z0-9]*", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Words();
}
