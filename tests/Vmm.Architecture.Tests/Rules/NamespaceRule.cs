using Microsoft.CodeAnalysis.CSharp.Syntax;
using Vmm.Architecture.Tests.Tree;

namespace Vmm.Architecture.Tests.Rules;

/// <summary>A namespace is the project's name and the folders below it.</summary>
internal static class NamespaceRule
{
    public static IEnumerable<Violation> Check(SourceFile file)
    {
        var expected = file.Folder.Length == 0 ? file.Project : $"{file.Project}.{file.Folder.Replace('/', '.')}";
        return file.Nodes<BaseNamespaceDeclarationSyntax>()
            .Where(declared => declared.Name.ToString() != expected)
            .Select(declared => file.At(declared, $"namespace {declared.Name} in a folder that is {expected}: move the file, or rename the namespace"));
    }
}
