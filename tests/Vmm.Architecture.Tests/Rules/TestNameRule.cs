using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Vmm.Architecture.Tests.Tree;

namespace Vmm.Architecture.Tests.Rules;

/// <summary>A test is a sentence in a class called after the thing.</summary>
internal static partial class TestNameRule
{
    public static IEnumerable<Violation> Check(SourceFile file)
    {
        foreach (var method in file.Nodes<MethodDeclarationSyntax>().Where(IsTest))
        {
            if (!Sentence().IsMatch(method.Identifier.Text))
            {
                yield return file.At(method.Identifier, $"{method.Identifier} is no sentence: Map_refuses_a_range_that_touches_the_msi_window");
            }

            if (method.Parent is ClassDeclarationSyntax type && !type.Identifier.Text.EndsWith("Tests", StringComparison.Ordinal) && !IsContract(type))
            {
                yield return file.At(type.Identifier, $"{type.Identifier} holds tests: call it {type.Identifier}Tests, after the thing tested");
            }
        }
    }

    public static bool IsTest(MethodDeclarationSyntax method) =>
        method.AttributeLists.SelectMany(list => list.Attributes).Any(attribute => attribute.Name.ToString() is "Fact" or "Theory");

    // A suite that every backend inherits is abstract, and its name says contract.
    private static bool IsContract(ClassDeclarationSyntax type) =>
        type.Identifier.Text.EndsWith("Contract", StringComparison.Ordinal) && type.Modifiers.Any(modifier => modifier.Text == "abstract");

    // A capital, then words between underscores; one word in lower case at least makes it more than a list of names.
    [GeneratedRegex("^[A-Z][A-Za-z0-9]*(_[A-Za-z0-9]+)*_[a-z][a-z0-9]*(_[A-Za-z0-9]+)*$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Sentence();
}
