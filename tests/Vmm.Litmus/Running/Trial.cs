using System.Diagnostics;
using System.Runtime.InteropServices;
using Vmm.Litmus.Stories;
using Vmm.Litmus.Twins;

namespace Vmm.Litmus.Running;

/// <summary>The whole run: is every access covered, is every twin caught, does the code pass.</summary>
internal sealed class Trial(LitmusOptions options)
{
    private const int LongestTwin = 60;
    private const int ShortestTwin = 10;
    private const int AtOnce = 3;
    private const int LengthOfControl = 2;

    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly Lock _output = new();
    private int _wrong;
    private int _unclear;

    /// <returns>The exit code.</returns>
    public int Run()
    {
        Console.WriteLine($"{RuntimeInformation.ProcessArchitecture}, {Environment.ProcessorCount} cores, {RuntimeInformation.FrameworkDescription}, seed {options.Seed}: what passes here is said of this architecture alone");
        foreach (var gap in TwinTable.Gaps())
        {
            Fail(gap);
        }

        if (_wrong == 0)
        {
            RunTwins(options.Only is null ? TwinTable.Controls : [], LengthOfControl, Hear);
            var length = options.Only is null ? Math.Clamp(options.Seconds / 6, ShortestTwin, LongestTwin) : options.Seconds;
            RunTwins([.. TwinTable.All.Where(twin => options.Only is null || twin.Name == options.Only)], length, HearBroken);
            RunStories([.. StoryTable.All.Where(story => options.Only is null || story.Name == options.Only)]);
        }

        var code = _wrong > 0 ? 1 : _unclear > 0 ? 2 : 0;
        Console.WriteLine($"{(code == 0 ? "passed" : code == 1 ? $"{_wrong} failed" : $"inconclusive: {_unclear} runs say nothing")} on {RuntimeInformation.ProcessArchitecture} after {_clock.Elapsed.TotalSeconds:f0} s");
        return code;
    }

    /// <summary>Some at a time: most of its time a twin sleeps for ever.</summary>
    private void RunTwins(IReadOnlyList<Twin> twins, int seconds, Action<string, ChildReport> hear)
    {
        var next = -1;
        var lanes = Enumerable.Range(0, AtOnce).Select(_ => new Thread(() =>
        {
            for (var at = System.Threading.Interlocked.Increment(ref next); at < twins.Count; at = System.Threading.Interlocked.Increment(ref next))
            {
                var report = Child.Run(twins[at].Story, twins[at].Name, seconds, options.Seed);
                lock (_output)
                {
                    hear(twins[at].Name, report);
                }
            }
        })).ToList();
        lanes.ForEach(lane => lane.Start());
        lanes.ForEach(lane => lane.Join());
    }

    private void HearBroken(string name, ChildReport report)
    {
        var after = $"after {report.Rounds} rounds, {report.Time.TotalSeconds:f1} s";
        switch (report.Verdict)
        {
            case Verdict.Violated or Verdict.Stuck:
                Console.WriteLine($"caught    {name,-34} {after}: {report.Line}");
                break;
            case Verdict.Passed when report.Rounds >= Child.FewestRounds(TwinTable.Named(name)):
                Fail($"NOT CAUGHT {name} {after}: its story, '{TwinTable.Named(name).Story}', does not see it");
                break;
            default:
                Unclear(name, report);
                break;
        }
    }

    private void RunStories(IReadOnlyList<StoryEntry> stories)
    {
        var begun = (int)_clock.Elapsed.TotalSeconds;
        for (var at = 0; at < stories.Count; at++)
        {
            // However long the twins took, half of the time is for the code as it is.
            var left = Math.Max(options.Seconds / 2, options.Seconds - begun) - (int)_clock.Elapsed.TotalSeconds + begun;
            Hear(stories[at].Name, Child.Run(stories[at].Name, twin: null, Math.Max(1, left / (stories.Count - at)), options.Seed + (ulong)at));
        }
    }

    private void Hear(string name, ChildReport report)
    {
        switch (report.Verdict)
        {
            case Verdict.Passed when report.Rounds >= Child.FewestRounds(twin: null):
                Console.WriteLine($"passed    {name,-34} {report.Rounds} rounds, {report.Time.TotalSeconds:f1} s");
                break;
            case Verdict.Passed or Verdict.Inconclusive:
                Unclear(name, report);
                break;
            default:
                Fail($"VIOLATED  {name} after {report.Rounds} rounds, {report.Time.TotalSeconds:f1} s: {report.Words}");
                break;
        }
    }

    private void Unclear(string name, ChildReport report)
    {
        _unclear++;
        Console.WriteLine($"unclear   {name,-34} {(report.Verdict == Verdict.Passed ? $"{report.Rounds} rounds in {report.Time.TotalSeconds:f1} s are too few: this machine has too much other work" : report.Line)}");
    }

    private void Fail(string words)
    {
        _wrong++;
        Console.WriteLine(words);
    }
}
