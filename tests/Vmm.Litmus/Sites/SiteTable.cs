using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Vmm.Litmus.Sites;

/// <summary>Every access that orders, read from the sources that this program is compiled from.</summary>
internal static partial class SiteTable
{
    private const int CommentReaches = 6;

    private static readonly ConcurrentDictionary<(string File, int Line), Site> Found = new(new ByReference());

    static SiteTable()
    {
        var sites = new List<Site>();
        var strays = new List<string>();
        var assembly = Assembly.GetExecutingAssembly();
        foreach (var file in assembly.GetManifestResourceNames().Order(StringComparer.Ordinal))
        {
            using var text = new StreamReader(assembly.GetManifestResourceStream(file)!);
            Read(file, text.ReadToEnd().Split('\n'), sites, strays);
        }

        (All, Strays) = (sites, strays);
        ByPlace = sites.ToDictionary(site => (site.File, site.Line));
    }

    /// <summary>In order of file and line.</summary>
    public static IReadOnlyList<Site> All { get; }

    /// <summary>ORDERING: comments without an access below them.</summary>
    public static IReadOnlyList<string> Strays { get; }

    private static Dictionary<(string File, int Line), Site> ByPlace { get; }

    /// <summary>The site of a call; null where it stands in a file that is not under test.</summary>
    /// <param name="file">The compiler's own text, the same object at each call of a site.</param>
    /// <param name="line">Counted from 1.</param>
    public static Site? At(string file, int line)
    {
        if (Found.TryGetValue((file, line), out var site))
        {
            return site.Id < 0 ? null : site;
        }

        site = ByPlace.GetValueOrDefault((Path.GetFileName(file), line)) ?? new Site(-1, file, line, "");
        Found[(file, line)] = site;
        return site.Id < 0 ? null : site;
    }

    /// <summary>Sites whose name begins so.</summary>
    public static IReadOnlyList<Site> Matching(string beginning) =>
        [.. All.Where(site => site.Name.StartsWith(beginning, StringComparison.Ordinal))];

    private static void Read(string file, string[] lines, List<Site> sites, List<string> strays)
    {
        var (member, comment) = ("", -1);
        for (var at = 0; at < lines.Length; at++)
        {
            if (Member().Match(lines[at]) is { Success: true } declared)
            {
                member = declared.Groups["name"].Value;
            }

            if (lines[at].Contains("ORDERING:", StringComparison.Ordinal))
            {
                Stray();
                comment = at;
            }
            else if (!lines[at].TrimStart().StartsWith("//", StringComparison.Ordinal) && Access().Matches(lines[at]) is { Count: > 0 } accesses)
            {
                sites.Add(new Site(sites.Count, file, at + 1, $"{file.Split('.')[0]}.{member} {string.Join(" + ", accesses.Select(access => access.Value))}"));
                comment = -1;
            }
            else if (comment >= 0 && at - comment > CommentReaches)
            {
                Stray();
            }
        }

        Stray();

        void Stray()
        {
            if (comment >= 0)
            {
                strays.Add($"{file}:{comment + 1}: an ORDERING: comment with no access below it");
                comment = -1;
            }
        }
    }

    [GeneratedRegex(@"^    (public|private|internal|protected)\b[^=;(]*?\b(?<name>\w+)(<[^>]*>)?\s*(\(|=>|\{|$)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Member();

    [GeneratedRegex(@"\b(Interlocked|Volatile)\.\w+(<\w+>)?\([^()]*\)?", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Access();

    /// <summary>A call passes the same text each time, so that it need not be read.</summary>
    private sealed class ByReference : IEqualityComparer<(string File, int Line)>
    {
        public bool Equals((string File, int Line) x, (string File, int Line) y) => x.Line == y.Line && ReferenceEquals(x.File, y.File);

        public int GetHashCode((string File, int Line) obj) => (RuntimeHelpers.GetHashCode(obj.File) * 397) ^ obj.Line;
    }
}
