using Vmm.Architecture.Tests.Rules;
using Vmm.Architecture.Tests.Tree;

namespace Vmm.Architecture.Tests;

public sealed class NameTests
{
    private static IEnumerable<SourceFile> Ours => Repository.Sources.Where(file => !file.IsEmbedded);

    [Fact]
    public void Type_names_say_a_role() => Violation.AssertNone(Ours.SelectMany(TypeNameRule.CheckWords));

    [Fact]
    public void A_file_holds_one_public_type() => Violation.AssertNone(Repository.Product.SelectMany(TypeNameRule.CheckOnePublicType));

    [Fact]
    public void A_file_is_called_after_its_public_type() => Violation.AssertNone(Repository.Product.SelectMany(TypeNameRule.CheckFileName));

    [Fact]
    public void Actors_are_sealed_and_have_no_parents_of_ours() => Violation.AssertNone(Repository.Product.SelectMany(TypeNameRule.CheckActors));

    [Fact]
    public void Tests_are_sentences() => Violation.AssertNone(Repository.Tests.SelectMany(TestNameRule.Check));

    [Theory]
    [InlineData("class DeviceManager;", 1)]
    [InlineData("static class RangeHelpers;", 1)]
    [InlineData("record MessageBase;", 1)]
    [InlineData("enum CommonKind;", 1)]
    [InlineData("delegate void UtilCall();", 1)]
    [InlineData("class P { interface IImpl; }", 1)]
    [InlineData("class Database; struct Baseline; class Implied;", 0)]
    public void A_name_without_a_role_is_found(string text, int violations) =>
        Assert.Equal(violations, TypeNameRule.CheckWords(new("src/Vmm.Iommu/X.cs", text)).Count());

    [Theory]
    [InlineData("X.cs", "public class X; public enum Y;", 1)]
    [InlineData("X.cs", "namespace N; public class X; public delegate void Y();", 1)]
    [InlineData("X.cs", "public struct X; public struct X<T>; internal class Y;", 0)]
    [InlineData("X.cs", "public class X { public class Y; }", 0)]
    [InlineData("XProtocol.cs", "public class XProtocol; public class Y;", 0)]
    public void A_second_public_type_is_found(string name, string text, int violations) =>
        Assert.Equal(violations, TypeNameRule.CheckOnePublicType(new("src/Vmm.Iommu/" + name, text)).Count());

    [Theory]
    [InlineData("X.cs", "public class Y;", 1)]
    [InlineData("X.cs", "public class X;", 0)]
    [InlineData("X.Aspect.cs", "public partial class X;", 0)]
    [InlineData("Y.cs", "internal class X;", 0)]
    public void A_file_under_another_name_is_found(string name, string text, int violations) =>
        Assert.Equal(violations, TypeNameRule.CheckFileName(new("src/Vmm.Iommu/" + name, text)).Count());

    [Theory]
    [InlineData("class XActor : ReceiveActor;", 1)]
    [InlineData("sealed class XActor : HouseActor;", 1)]
    [InlineData("sealed class XActor;", 1)]
    [InlineData("sealed class Owner : UntypedActor;", 1)]
    [InlineData("sealed class XActor : ReceiveActor, IWithTimers;", 0)]
    public void An_open_or_inherited_actor_is_found(string text, int violations) =>
        Assert.Equal(violations, TypeNameRule.CheckActors(new("src/Vmm.Actors/X.cs", text)).Count());

    [Theory]
    [InlineData("class XTests { [Fact] void MapWorks() { } }", 1)]
    [InlineData("class XTests { [Fact] void Map_Works() { } }", 1)]
    [InlineData("class XTests { [Theory] void map_works() { } }", 1)]
    [InlineData("class X { [Fact] void Map_refuses_a_range() { } }", 1)]
    [InlineData("class XTests { [Fact] void Map_refuses_a_range_below_4GiB() { } void Other() { } }", 0)]
    [InlineData("abstract class XContract { [Fact] void Map_refuses_a_range() { } }", 0)]
    public void A_test_that_is_no_sentence_is_found(string text, int violations) =>
        Assert.Equal(violations, TestNameRule.Check(new("tests/X/XTests.cs", text)).Count());
}
