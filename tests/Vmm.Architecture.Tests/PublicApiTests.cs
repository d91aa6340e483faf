using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Vmm.Architecture.Tests.Rules;
using Vmm.Architecture.Tests.Tree;

namespace Vmm.Architecture.Tests;

public sealed class PublicApiTests
{
    [Theory]
    [InlineData("Vmm.Iommu")]
    [InlineData("Vmm.Actors")]
    [InlineData("Vmm.Hosting")]
    [InlineData("Vmm.Testing")]
    public void The_public_surface_is_the_text_in_git(string assembly) =>
        GeneratedFile.AssertCurrent($"docs/api/{assembly}.txt", ApiText.Of(Path.Combine(AppContext.BaseDirectory, assembly + ".dll")));

    [Fact]
    public void Every_library_has_a_text() =>
        Assert.Equal(
            Repository.Files("*.csproj").Where(path => path.StartsWith("src/Vmm.", StringComparison.Ordinal) && !path.EndsWith("Vmm.Cli.csproj", StringComparison.Ordinal))
                .Select(path => $"docs/api/{Path.GetFileNameWithoutExtension(path)}.txt"),
            Repository.Files("*.txt").Where(path => path.StartsWith("docs/api/", StringComparison.Ordinal)));

    [Fact]
    public void The_text_shows_types_members_and_nullability()
    {
        const string Source = """
            #nullable enable
            using System;
            namespace N;
            public readonly record struct Range(ulong First, ulong Last);
            public sealed class Thing : IDisposable
            {
                internal Thing() { }
                public const int Limit = 4;
                public string? Name { get; private set; }
                public bool TryFind<T>(in Range range, out T? found, int step = 1) where T : class { found = null; return false; }
                public void Dispose() { }
                protected internal void Hidden() { }
                private void Gone() { }
                public enum Kind : byte { One = 1 }
            }
            internal class Nobody { }
            """;
        Assert.Equal(
            """
            readonly struct N.Range : IEquatable<Range>
                public Range(ulong First, ulong Last)
                public ulong First { get; init; }
                public ulong Last { get; init; }
            sealed class N.Thing : IDisposable
                protected internal void Hidden()
                public bool TryFind<T>(in Range range, out T? found, int step = 1) where T : class
                public const int Limit = 4
                public string? Name { get; }
                public void Dispose()
            enum N.Thing.Kind : byte
                One = 1

            """.ReplaceLineEndings("\n"),
            Text(Source));
    }

    [Fact]
    public void A_changed_member_changes_the_text() =>
        Assert.NotEqual(Text("public class X { public int M() => 1; }"), Text("public class X { public long M() => 1; }"));

    [Fact]
    public void A_difference_names_its_line() =>
        Assert.StartsWith("2: in the file: b", GeneratedFile.Difference("a\nb\n", "a\nc\n"), StringComparison.Ordinal);

    [Fact]
    public void Equal_texts_have_no_difference() => Assert.Null(GeneratedFile.Difference("a\n", "a\n"));

    private static string Text(string source)
    {
        var compilation = CSharpCompilation.Create(
            "x", [CSharpSyntaxTree.ParseText(source)], ApiText.PlatformReferences(), new(OutputKind.DynamicallyLinkedLibrary));
        using var image = new MemoryStream();
        Assert.Empty(compilation.Emit(image).Diagnostics.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error));
        var reference = MetadataReference.CreateFromImage(image.ToArray());
        var reader = CSharpCompilation.Create("reader", references: [.. ApiText.PlatformReferences(), reference]);
        return ApiText.Of((IAssemblySymbol)reader.GetAssemblyOrModuleSymbol(reference)!);
    }
}
