using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Vmm.Architecture.Tests.Tree;

namespace Vmm.Architecture.Tests.Rules;

/// <summary>Where raw memory may be touched, and what has to stand beside it.</summary>
internal static class UnsafeRule
{
    /// <summary>The only file with imports.</summary>
    public const string Imports = "src/Vmm.Iommu/Kernel/LinuxImports.cs";

    private static readonly string[] Fence =
    [
        "src/Vmm.Iommu/Kernel/", "src/Vmm.Iommu/GuestMemory/", "src/Vmm.Iommu/HotPath/", "src/Vmm.Testing/Emulation/", "src/Vmm.Testing/EmulatedKernel/",
    ];

    /// <summary><c>unsafe</c>, MemoryMarshal and Unsafe stay in their folders.</summary>
    public static IEnumerable<Violation> CheckPlace(SourceFile file)
    {
        if (Fence.Any(folder => file.Path.StartsWith(folder, StringComparison.Ordinal)))
        {
            return [];
        }

        return file.Syntax.DescendantTokens()
            .Where(token => token.IsKind(SyntaxKind.UnsafeKeyword) || (token.IsKind(SyntaxKind.IdentifierToken) && token.Text is "MemoryMarshal" or "Unsafe" && IsTypeName(token)))
            .Select(token => file.At(token, $"'{token.Text}' outside the fence ({string.Join(", ", Fence)}): move the access there"));
    }

    /// <summary>An unsafe block has its reason above it or inside; an unsafe member or type somewhere in its text or just above.</summary>
    public static IEnumerable<Violation> CheckReason(SourceFile file) =>
        file.Syntax.DescendantTokens()
            .Where(token => token.IsKind(SyntaxKind.UnsafeKeyword) && token.Parent is not null)
            .Where(token => !file.LinesHold(SourceFile.LineOf(token) - 6, EndLine(token.Parent!), "SAFETY:"))
            .Select(token => file.At(token, "unsafe without a SAFETY: comment: say why the access stays inside memory that is alive"));

    /// <summary>Imports stand in one file, and none suppresses the transition: each can block.</summary>
    public static IEnumerable<Violation> CheckImports(SourceFile file)
    {
        foreach (var attribute in file.Nodes<AttributeSyntax>())
        {
            var name = attribute.Name.ToString().Split('.')[^1].Replace("Attribute", "", StringComparison.Ordinal);
            if (name is "DllImport" or "LibraryImport" && file.Path != Imports)
            {
                yield return file.At(attribute, $"an import outside {Imports}: call it through the fence's interfaces");
            }

            if (name == "SuppressGCTransition")
            {
                yield return file.At(attribute, "SuppressGCTransition on an import: a call that blocks would stop every collection");
            }
        }
    }

    /// <summary>Volatile and interlocked accesses name the line that they pair with.</summary>
    public static IEnumerable<Violation> CheckOrdering(SourceFile file)
    {
        var fields = file.Nodes<FieldDeclarationSyntax>()
            .Where(field => field.Modifiers.Any(SyntaxKind.VolatileKeyword))
            .SelectMany(field => field.Declaration.Variables)
            .Select(variable => variable.Identifier.Text)
            .ToHashSet(StringComparer.Ordinal);
        return file.Syntax.DescendantTokens()
            .Where(token => token.IsKind(SyntaxKind.IdentifierToken) && token.Parent is IdentifierNameSyntax)
            .Where(token => fields.Contains(token.Text) || (token.Text is "Volatile" or "Interlocked" && IsTypeName(token)))
            .Where(token => !file.LinesHold(SourceFile.LineOf(token) - 6, SourceFile.LineOf(token), "ORDERING:"))
            .Select(token => file.At(token, $"{token.Text} without an ORDERING: comment: name the access that it pairs with, and what would go wrong"));
    }

    // Volatile.Read, System.Threading.Volatile.Read: left of a dot.
    private static bool IsTypeName(SyntaxToken token) =>
        token.Parent is IdentifierNameSyntax name
        && name.Parent is MemberAccessExpressionSyntax access
        && (access.Expression == name || access.Parent is MemberAccessExpressionSyntax);

    private static int EndLine(SyntaxNode node) => node.GetLocation().GetLineSpan().EndLinePosition.Line + 1;
}
