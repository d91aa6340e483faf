using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Vmm.Architecture.Tests.Tree;

namespace Vmm.Architecture.Tests.Rules;

/// <summary>Comments say why, in the present tense; no text of the tree names the machine it was written on.</summary>
internal static partial class CommentRule
{
    public static IEnumerable<Violation> CheckComments(SourceFile file) =>
        from trivia in file.Syntax.DescendantTrivia(descendIntoTrivia: false)
        where trivia.Kind() is SyntaxKind.SingleLineCommentTrivia or SyntaxKind.MultiLineCommentTrivia
            or SyntaxKind.SingleLineDocumentationCommentTrivia or SyntaxKind.MultiLineDocumentationCommentTrivia
        let first = trivia.GetLocation().GetLineSpan().StartLinePosition.Line
        from line in trivia.ToFullString().Split('\n').Select((text, offset) => (Text: text, Number: first + offset + 1))
        from match in Unfinished().Matches(line.Text).Concat(History().Matches(line.Text))
        select new Violation(file.Path, line.Number, $"'{match.Value}' in a comment: say why, in the present tense; what is not done is said in the open");

    /// <summary>Absolute paths of a workplace, and hosts that packages come from.</summary>
    public static IEnumerable<Violation> CheckPlaces(string path, string text) =>
        text.Split('\n')
            .Select((line, index) => (Line: index + 1, Match: Places().Match(line)))
            .Where(found => found.Match.Success)
            .Select(found => new Violation(path, found.Line, $"'{found.Match.Value}' is somebody's machine or a feed's host: name neither"));

    [GeneratedRegex(@"\b(TODO|FIXME|HACK|XXX)\b", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Unfinished();

    [GeneratedRegex(@"\b(issue #?\d+|phase \d+|milestone \d+|formerly|as before the change|was renamed|refactored)\b", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex History();

    // Written in pieces, so that this file passes its own check.
    [GeneratedRegex(@"(?<![\w.])(/tmp" + @"/w/|/work" + @"/|/home" + @"/\w|/root" + @"/|/Users" + @"/\w|[A-Z]:\\" + @"Users)|nu" + @"get\.org|pkgs\.dev\." + @"azure|arti" + @"factory\.", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Places();
}
