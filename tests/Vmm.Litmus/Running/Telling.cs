using System.Diagnostics;
using Vmm.Litmus.Sites;
using Vmm.Litmus.Stories;

namespace Vmm.Litmus.Running;

/// <summary>Plays one story for a time. A violation ends the process, and so does a time in which nobody gets on.</summary>
internal sealed class Telling
{
    private const int Tick = 50;
    private const int Patience = 5;

    private readonly Story _story;
    private readonly Meeting _meeting;
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly TimeSpan _length;
    private readonly long _fewest;
    private readonly Quiet? _quiet = Race.Broken is null ? null : new Quiet();
    private readonly Thread[] _threads;
    private readonly int[] _narrow;
    private Exception? _fault;
    private bool _isOver;
    private long _rounds;

    /// <summary>Begins nothing yet.</summary>
    /// <param name="story">The story.</param>
    /// <param name="length">How long it is played.</param>
    /// <param name="fewest">Rounds that are played at least, where they take no more than <see cref="Patience"/> times as long: a machine with other work is slow.</param>
    public Telling(Story story, TimeSpan length, long fewest)
    {
        (_story, _length, _fewest) = (story, length, fewest);
        _narrow = [.. story.Narrow.SelectMany(SiteTable.Matching).Select(site => site.Id)];
        _meeting = new Meeting(story.Threads, Between);
        _threads = [.. Enumerable.Range(0, story.Threads).Select(thread => new Thread(() => Play(thread)) { IsBackground = true, Name = $"player {thread}" })];
    }

    public long Rounds => System.Threading.Volatile.Read(ref _rounds);

    /// <summary>Plays until the time is over, something is wrong, or nobody gets on for so many ticks of the watch.</summary>
    /// <param name="patience">Ticks of 50 ms.</param>
    public (Verdict Verdict, string Words) Tell(int patience)
    {
        foreach (var thread in _threads)
        {
            thread.Start();
        }

        var (seen, stale) = (-1L, 0);
        while (_threads.Any(thread => !thread.Join(Tick)))
        {
            // A tick that comes late counts as one: a machine with other work is not taken for a thread that sleeps for ever.
            stale = Rounds == seen ? stale + 1 : 0;
            seen = Rounds;
            if (System.Threading.Volatile.Read(ref _fault) is { } fault)
            {
                return Of(fault);
            }

            if (stale > patience)
            {
                return (Verdict.Stuck, $"nobody gets on in round {Rounds}{Also()}\n{Trails()}");
            }
        }

        return _fault is null ? (Verdict.Passed, "") : Of(_fault);
    }

    private static (Verdict Verdict, string Words) Of(Exception fault) => fault is InconclusiveException
        ? (Verdict.Inconclusive, fault.Message)
        : (Verdict.Violated, (Violation.First ?? $"{fault.GetType().Name}: {fault.Message}") + (fault is Violation ? "" : $"\n{fault}") + $"\n{Trails()}");

    private static string Also() => Violation.First is { } first ? $"; and: {first}" : "";

    /// <summary>Where each thread was last.</summary>
    private static string Trails() => string.Join('\n', Racer.All.Values
        .OrderBy(racer => racer.Name, StringComparer.Ordinal)
        .Select(racer => $"  {racer.Name} was last at\n{string.Join('\n', racer.Trail.Select(site => $"    {site}"))}"));

    private void Play(int thread)
    {
        try
        {
            var me = Racer.Mine;
            while (true)
            {
                _meeting.Come();
                if (System.Threading.Volatile.Read(ref _isOver))
                {
                    return;
                }

                _story.Play(thread, me);
                me.Release();
                me.ReleaseEffects();
            }
        }
        catch (Exception fault)
        {
            System.Threading.Interlocked.CompareExchange(ref _fault, fault, comparand: null);
        }
    }

    /// <summary>By the last who comes, with nobody else at work.</summary>
    private void Between()
    {
        var me = Racer.Mine;
        if (_rounds > 0)
        {
            _story.Judge();
        }

        if (_clock.Elapsed >= (_rounds < _fewest ? Patience * _length : _length))
        {
            System.Threading.Volatile.Write(ref _isOver, true);
            return;
        }

        _quiet?.Renew();
        Race.Focus = NextFocus(me);
        _story.Prepare(me);
        me.Release();
        me.ReleaseEffects();
        System.Threading.Volatile.Write(ref _rounds, _rounds + 1);
    }

    /// <summary>In some rounds a site that the story names, in some one that it meets, in some none.</summary>
    private int NextFocus(Racer me)
    {
        if (_narrow.Length > 0 && me.Next(2) == 0)
        {
            return _narrow[me.Next(_narrow.Length)];
        }

        for (var tries = 0; tries < 8 && me.Next(4) != 0; tries++)
        {
            var site = me.Next(Race.Met.Length);
            if (Race.Met[site])
            {
                return site;
            }
        }

        return -1;
    }
}
