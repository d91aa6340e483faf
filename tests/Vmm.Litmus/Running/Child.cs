using System.Diagnostics;
using System.Reflection;
using Vmm.Litmus.Sites;
using Vmm.Litmus.Stories;
using Vmm.Litmus.Twins;

namespace Vmm.Litmus.Running;

/// <summary>A process of this program that plays one story: threads that sleep for ever end with it.</summary>
internal static class Child
{
    // Ticks of the watch in which nobody gets on: a twin is given up soon, the code as it is only when nothing else explains it.
    private const int PatienceWithTwin = 20;
    private const int PatienceWithCode = 400;

    /// <summary>Rounds after which a run says something: of a twin that many notice nothing that is noticed in a few hundred.</summary>
    public static int FewestRounds(Twin? twin) => twin is null ? 20 : twin.Sites.Length == 0 ? 100 : 5000;

    /// <summary>What the child does.</summary>
    public static int Play(LitmusOptions options)
    {
        Race.Seed = options.Seed;
        var twin = options.Twin is null ? null : TwinTable.Named(options.Twin);
        var story = StoryTable.Named(options.Story!).Make();
        Race.Broken = twin?.Break();
        var telling = new Telling(story, TimeSpan.FromSeconds(options.Seconds), FewestRounds(twin));
        var (verdict, words) = telling.Tell(twin is null ? PatienceWithCode : PatienceWithTwin);
        Console.WriteLine($"{telling.Rounds} {words}");
        return (int)verdict;
    }

    /// <summary>Starts one and waits for its end.</summary>
    /// <param name="story">The story.</param>
    /// <param name="twin">The twin, or null.</param>
    /// <param name="seconds">How long it plays.</param>
    /// <param name="seed">Where its pauses come from.</param>
    public static ChildReport Run(string story, string? twin, int seconds, ulong seed)
    {
        var clock = Stopwatch.StartNew();
        var start = new ProcessStartInfo(Environment.ProcessPath!) { UseShellExecute = false, RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
        {
            start.ArgumentList.Add(Assembly.GetExecutingAssembly().Location);
        }

        foreach (var word in (string[])["--story", story, "--seconds", $"{seconds}", "--seed", $"{seed}", .. twin is null ? Array.Empty<string>() : ["--twin", twin]])
        {
            start.ArgumentList.Add(word);
        }

        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{start.FileName} does not start");
        var said = process.StandardOutput.ReadToEnd().Trim();
        process.WaitForExit();
        var (rounds, words) = said.Split(' ', 2) is [var first, var rest] ? (first, rest) : (said, "");
        var verdict = process.ExitCode is >= 0 and <= (int)Verdict.Stuck && long.TryParse(rounds, out _) ? (Verdict)process.ExitCode : Verdict.Violated;
        return new ChildReport(verdict, long.TryParse(rounds, out var count) ? count : 0, clock.Elapsed, words.Length > 0 || verdict == Verdict.Passed ? words : $"it ended with {process.ExitCode}");
    }
}
