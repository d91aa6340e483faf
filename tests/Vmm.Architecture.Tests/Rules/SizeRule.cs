using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Vmm.Architecture.Tests.Tree;

namespace Vmm.Architecture.Tests.Rules;

/// <summary>How long a file and a method may be.</summary>
internal static class SizeRule
{
    public const int MethodLimit = 60;

    public static int LimitOf(SourceFile file) => file switch
    {
        { IsTest: true } => 400,
        _ when file.Name.EndsWith("Uapi.cs", StringComparison.Ordinal) => 600,
        _ when file.Name.EndsWith("Actor.cs", StringComparison.Ordinal) && file.IsProduct => 250,
        _ => 400,
    };

    public static IEnumerable<Violation> CheckFile(SourceFile file) =>
        file.Lines.Count > LimitOf(file)
            ? [new(file.Path, 0, $"{file.Lines.Count} lines, the stop is {LimitOf(file)}: split by responsibility")]
            : [];

    public static IEnumerable<Violation> CheckMethods(SourceFile file) =>
        file.Nodes<SyntaxNode>()
            .Where(node => node is BaseMethodDeclarationSyntax or AccessorDeclarationSyntax or LocalFunctionStatementSyntax)
            .Select(node => (Node: node, Length: Length(node)))
            .Where(method => method.Length > MethodLimit)
            .Select(method => file.At(method.Node, $"a method of {method.Length} lines, the stop is {MethodLimit}: give its parts names"));

    /// <summary>The median number of lines; 0 for none.</summary>
    public static int Median(IEnumerable<SourceFile> files)
    {
        var sizes = files.Select(file => file.Lines.Count).Order().ToList();
        return sizes.Count == 0 ? 0 : sizes[sizes.Count / 2];
    }

    private static int Length(SyntaxNode node)
    {
        var span = node.GetLocation().GetLineSpan();
        return span.EndLinePosition.Line - span.StartLinePosition.Line + 1;
    }
}
