using System.Text.RegularExpressions;
using System.Xml.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Vmm.Architecture.Tests.Tree;

namespace Vmm.Architecture.Tests.Rules;

/// <summary>The analyzers are on, and what they are told not to see has a reason in one place.</summary>
internal static partial class AnalyzerRule
{
    private static readonly string[] MayBeSilent = ["CS1591", "CS1573"];

    /// <summary>In a file no warning is turned off.</summary>
    public static IEnumerable<Violation> CheckSource(SourceFile file) =>
        file.Syntax.DescendantTrivia().Where(trivia => trivia.IsKind(SyntaxKind.PragmaWarningDirectiveTrivia))
            .Select(trivia => new Violation(file.Path, trivia.GetLocation().GetLineSpan().StartLinePosition.Line + 1, "a pragma: change the code, or .editorconfig with a reason"))
            .Concat(file.Nodes<AttributeSyntax>()
                .Where(attribute => attribute.Name.ToString().Contains("SuppressMessage", StringComparison.Ordinal))
                .Select(attribute => file.At(attribute, "a suppression: change the code, or .editorconfig with a reason")));

    /// <summary>A project file silences nothing but missing comments.</summary>
    public static IEnumerable<Violation> CheckProject(string path, string xml) =>
        from element in XDocument.Parse(xml, LoadOptions.SetLineInfo).Descendants()
        where element.Name.LocalName is "NoWarn" or "WarningsNotAsErrors" or "RunAnalyzers" or "TreatWarningsAsErrors"
        from value in element.Value.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        where value is not ("$(NoWarn)" or "true") && !MayBeSilent.Contains(value)
        select new Violation(path, ((System.Xml.IXmlLineInfo)element).LineNumber, $"{element.Name.LocalName} {value}: change the code, or .editorconfig with a reason");

    /// <summary>Each group of rules that is turned off stands under a comment.</summary>
    public static IEnumerable<Violation> CheckEditorConfig(string path, string text)
    {
        var hasReason = false;
        foreach (var (line, number) in text.Split('\n').Select((line, index) => (line.Trim(), index + 1)))
        {
            if (line.StartsWith('#'))
            {
                hasReason = true;
            }
            else if (!Off().IsMatch(line))
            {
                hasReason = false;
            }
            else if (!hasReason)
            {
                yield return new(path, number, $"'{line}' without a reason: a comment above the group says why the rule fights good code");
            }
        }
    }

    /// <summary>Lines of BannedSymbols.txt that name nothing: they ban nothing.</summary>
    public static IEnumerable<Violation> CheckBanned(string path, string text)
    {
        var compilation = CSharpCompilation.Create("x", references: ApiText.PlatformReferences());
        foreach (var (line, number) in text.Split('\n').Select((line, index) => (line.Trim(), index + 1)).Where(line => line.Item1.Length != 0))
        {
            var parts = line.Split(';', 2);
            if (DocumentationCommentId.GetFirstSymbolForDeclarationId(parts[0], compilation) is null)
            {
                yield return new(path, number, $"'{parts[0]}' names nothing: write the documentation id of a member that exists");
            }
            else if (parts.Length != 2 || parts[1].Trim().Length == 0)
            {
                yield return new(path, number, $"'{parts[0]}' does not say what to do instead: add it after a semicolon");
            }
        }
    }

    [GeneratedRegex(@"severity\s*=\s*(none|silent|suggestion)\b", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Off();
}
