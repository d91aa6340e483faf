using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Vmm.Architecture.Tests.Tree;

/// <summary>A C# file: its place in the tree, its lines, its syntax.</summary>
internal sealed class SourceFile
{
    private readonly Lazy<CompilationUnitSyntax> _syntax;

    public SourceFile(string path, string text)
    {
        Path = path;
        Lines = text.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n');
        _syntax = new(() => CSharpSyntaxTree.ParseText(text).GetCompilationUnitRoot());
    }

    /// <summary>Relative to the top of the repository, with <c>/</c>.</summary>
    public string Path { get; }

    public IReadOnlyList<string> Lines { get; }

    public CompilationUnitSyntax Syntax => _syntax.Value;

    public string Name => System.IO.Path.GetFileName(Path);

    /// <summary><c>Vmm.Iommu</c> of <c>src/Vmm.Iommu/Kernel/X.cs</c>; <c>Akka</c> of <c>src/Akka.Embedded/Akka/X.cs</c>.</summary>
    public string Project => Path.Split('/')[IsEmbedded ? 2 : 1];

    /// <summary>Folder inside the project: <c>Containers/Type1</c>, or empty.</summary>
    public string Folder => string.Join('/', Path.Split('/').Skip(IsEmbedded ? 3 : 2).SkipLast(1));

    public bool IsProduct => Path.StartsWith("src/Vmm.", StringComparison.Ordinal);

    public bool IsEmbedded => Path.StartsWith("src/Akka.Embedded/", StringComparison.Ordinal);

    public bool IsTest => Path.StartsWith("tests/", StringComparison.Ordinal);

    public IEnumerable<T> Nodes<T>()
        where T : SyntaxNode => Syntax.DescendantNodes().OfType<T>();

    public static int LineOf(SyntaxNodeOrToken place) => place.GetLocation()!.GetLineSpan().StartLinePosition.Line + 1;

    public Violation At(SyntaxNodeOrToken place, string message) => new(Path, LineOf(place), message);

    /// <summary>True when one of the lines, both ends inclusive and counted from 1, holds the text.</summary>
    public bool LinesHold(int first, int last, string text) =>
        Lines.Skip(Math.Max(first, 1) - 1).Take(last - Math.Max(first, 1) + 1).Any(line => line.Contains(text, StringComparison.Ordinal));
}
