using Vmm.Architecture.Tests.Rules;
using Vmm.Architecture.Tests.Tree;

namespace Vmm.Architecture.Tests;

public sealed class UnsafeFenceTests
{
    private const string Inside = "src/Vmm.Iommu/Kernel/X.cs";
    private const string Outside = "src/Vmm.Iommu/Containers/X.cs";

    private static IEnumerable<SourceFile> Source => Repository.Sources.Where(file => !file.IsTest);

    [Fact]
    public void Raw_memory_is_touched_behind_the_fence_only() => Violation.AssertNone(Source.SelectMany(UnsafeRule.CheckPlace));

    [Fact]
    public void Unsafe_code_says_why_it_is_safe() => Violation.AssertNone(Source.SelectMany(UnsafeRule.CheckReason));

    [Fact]
    public void Imports_stand_in_one_file_and_let_collections_run() => Violation.AssertNone(Repository.Sources.SelectMany(UnsafeRule.CheckImports));

    [Fact]
    public void Volatile_accesses_name_their_partners() => Violation.AssertNone(Repository.Product.SelectMany(UnsafeRule.CheckOrdering));

    [Theory]
    [InlineData("unsafe class X;")]
    [InlineData("class X { void M() { unsafe { } } }")]
    [InlineData("class X { int M() => MemoryMarshal.Read<int>(default); }")]
    [InlineData("class X { int M() => System.Runtime.InteropServices.MemoryMarshal.Read<int>(default); }")]
    [InlineData("class X { int M() => Unsafe.SizeOf<int>(); }")]
    public void Raw_memory_outside_the_fence_is_found(string text)
    {
        Assert.Single(UnsafeRule.CheckPlace(new(Outside, text)));
        Assert.Empty(UnsafeRule.CheckPlace(new(Inside, text)));
    }

    [Fact]
    public void Words_in_comments_and_strings_are_let_through() =>
        Assert.Empty(UnsafeRule.CheckPlace(new(Outside, "// unsafe Unsafe.As\nclass X { string Unsafe = \"MemoryMarshal.Read\"; }")));

    [Theory]
    [InlineData("class X { unsafe void M() { } }", 1)]
    [InlineData("class X { void M() {\n\n\n\n\n\n\n unsafe { } } }\n// SAFETY: too far below", 1)]
    [InlineData("class X { unsafe void M() {\n // SAFETY: it lives\n } }", 0)]
    [InlineData("// SAFETY: it lives\nunsafe class X;", 0)]
    public void Unsafe_code_without_a_reason_is_found(string text, int violations) =>
        Assert.Equal(violations, UnsafeRule.CheckReason(new(Inside, text)).Count());

    [Theory]
    [InlineData(Inside, "class X { [LibraryImport(\"libc\")] static partial int Open(); }", 1)]
    [InlineData("tests/X/X.cs", "class X { [System.Runtime.InteropServices.DllImport(\"libc\")] static extern int Open(); }", 1)]
    [InlineData(UnsafeRule.Imports, "class X { [LibraryImport(\"libc\"), SuppressGCTransition] static partial int Open(); }", 1)]
    [InlineData(UnsafeRule.Imports, "class X { [LibraryImport(\"libc\")] static partial int Open(); }", 0)]
    public void A_stray_import_is_found(string path, string text, int violations) =>
        Assert.Equal(violations, UnsafeRule.CheckImports(new(path, text)).Count());

    [Theory]
    [InlineData("class X { volatile int _n; int M() => _n; }", 1)]
    [InlineData("class X { volatile int _n; int M() =>\n // ORDERING: pairs with the write in N\n _n; }", 0)]
    [InlineData("class X { int M() => Volatile.Read(ref _n); }", 1)]
    [InlineData("class X { int M() => System.Threading.Interlocked.Increment(ref _n); }", 1)]
    [InlineData("class X { int M() =>\n // ORDERING: pairs with the store in N\n Volatile.Read(ref _n); }", 0)]
    [InlineData("class X { int Interlocked; }", 0)]
    public void A_volatile_access_without_a_partner_is_found(string text, int violations) =>
        Assert.Equal(violations, UnsafeRule.CheckOrdering(new(Inside, text)).Count());
}
