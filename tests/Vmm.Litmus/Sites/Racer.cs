using System.Collections.Concurrent;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Vmm.Litmus.Sites;

/// <summary>
/// One thread at the sites: where it was last, its pauses, and in a twin the stores that it holds back. Stores are held back by
/// address: a twin runs while no collection can move anything (see Running/Quiet.cs).
/// </summary>
internal sealed unsafe partial class Racer
{
    private const int TrailLength = 12;

    [ThreadStatic]
    private static Racer? _mine;

    private static int _count;

    private readonly Site?[] _trail = new Site?[TrailLength];
    private int _steps;
    private ulong _random;

    private Racer()
    {
        Name = Thread.CurrentThread.Name ?? "a thread";
        _random = (Race.Seed * 0x9E3779B97F4A7C15) + ((ulong)System.Threading.Interlocked.Increment(ref _count) * 0xD1B54A32D192ED03) + 1;
        All[Name] = this;
    }

    /// <summary>By name; of threads with one name the last.</summary>
    public static ConcurrentDictionary<string, Racer> All { get; } = [];

    /// <summary>The calling thread.</summary>
    public static Racer Mine => _mine ??= new Racer();

    public string Name { get; }

    /// <summary>The sites that it was at last, oldest first.</summary>
    public IEnumerable<Site> Trail
    {
        get
        {
            var end = System.Threading.Volatile.Read(ref _steps);
            for (var at = Math.Max(0, end - TrailLength); at < end; at++)
            {
                if (_trail[at % TrailLength] is { } site)
                {
                    yield return site;
                }
            }
        }
    }

    /// <summary>A number from 0 to below a limit.</summary>
    public int Next(int limit)
    {
        _random ^= _random << 13;
        _random ^= _random >> 7;
        _random ^= _random << 17;
        return (int)((_random >> 11) % (ulong)limit);
    }

    /// <summary>Arrives at a site: at some it waits.</summary>
    public Site? At(string file, int line)
    {
        var site = SiteTable.At(file, line);
        if (site is null)
        {
            return null;
        }

        _trail[_steps % TrailLength] = site;
        System.Threading.Volatile.Write(ref _steps, _steps + 1);
        Race.Met[site.Id] = true;
        if (Race.Focus == site.Id && Next(2) == 0)
        {
            WaitLong();
        }
        else if (Next(16) == 0)
        {
            WaitShort();
        }

        return site;
    }

    /// <summary>Long enough for another thread to look, to give up and to sleep.</summary>
    public void WaitLong()
    {
        switch (Next(6))
        {
            case 0:
                WaitShort();
                break;
            case 1:
                for (var times = Next(4); times >= 0; times--)
                {
                    Thread.Yield();
                }

                break;
            case 2:
                Thread.SpinWait(Next(20_000));
                break;
            default:
                Thread.SpinWait(Next(2_500));
                break;
        }
    }

    private void WaitShort()
    {
        if (Next(16) == 0)
        {
            Thread.Yield();
        }
        else
        {
            Thread.SpinWait(Next(60));
        }
    }

    private static void* AddressOf<T>(ref T place)
        where T : struct, IBinaryInteger<T> => Unsafe.AsPointer(ref place); // SAFETY: used only while nothing is moved.
}
