using System.Numerics;

namespace Vmm.Litmus.Sites;

/// <summary>What an access does: what System.Threading does, or what the twin has in its place.</summary>
internal static class Accesses
{
    public static T Read<T>(ref T place, string file, int line)
        where T : struct, IBinaryInteger<T>
    {
        var me = Racer.Mine;
        me.At(file, line);
        return me.HoldsBack ? me.Load(ref place) : ReadOf(ref place);
    }

    public static void Write<T>(ref T place, T value, string file, int line)
        where T : struct, IBinaryInteger<T>
    {
        var me = Racer.Mine;
        var site = me.At(file, line);
        if (Race.Broken is not { } broken)
        {
            WriteTo(ref place, value);
        }
        else if (broken.Holds(Breakage.Late, site))
        {
            me.Hold(ref place, value);
            if (broken.Fence < 0)
            {
                me.PassFence();
            }
        }
        else
        {
            me.Release();
            Before(me, broken, site);
            var late = broken.Holds(Breakage.Early, site) ? LatePayload.Take(ref place, site!) : null;
            WriteTo(ref place, value);
            After(me, broken, site, late);
        }
    }

    public static T Exchange<T>(ref T place, T value, string file, int line)
        where T : struct, IBinaryInteger<T>
    {
        var me = Racer.Mine;
        var site = me.At(file, line);
        return Race.Broken is { } broken
            ? Change(me, broken, site, ref place, _ => (true, value), isAdded: false)
            : System.Threading.Interlocked.Exchange(ref place, value);
    }

    public static T CompareExchange<T>(ref T place, T value, T comparand, string file, int line)
        where T : struct, IBinaryInteger<T>
    {
        var me = Racer.Mine;
        var site = me.At(file, line);
        return Race.Broken is { } broken
            ? Change(me, broken, site, ref place, found => (found == comparand, value), isAdded: false)
            : System.Threading.Interlocked.CompareExchange(ref place, value, comparand);
    }

    /// <returns>The sum.</returns>
    public static T Add<T>(ref T place, T value, string file, int line)
        where T : struct, IBinaryInteger<T>
    {
        var me = Racer.Mine;
        var site = me.At(file, line);
        return value + (Race.Broken is { } broken
            ? Change(me, broken, site, ref place, found => (true, found + value), isAdded: true, added: value)
            : Whole(ref place, found => (true, found + value)));
    }

    public static void MemoryBarrier(string file, int line)
    {
        var me = Racer.Mine;
        var site = me.At(file, line);
        if (Race.Broken is { } broken && site is not null && broken.Fence == site.Id)
        {
            me.PassFence();
            return;
        }

        me.Release();
        if (Race.Broken is not null)
        {
            Before(me, Race.Broken, site);
        }

        System.Threading.Interlocked.MemoryBarrier();
    }

    /// <summary>An access that no twin breaks by its value: references, which the runtime publishes whole.</summary>
    public static Site? Meet(string file, int line)
    {
        var me = Racer.Mine;
        var site = me.At(file, line);
        me.Release();
        if (Race.Broken is not null)
        {
            Before(me, Race.Broken, site);
        }

        return site;
    }

    /// <summary>A store that is as it should be comes after all that was told.</summary>
    private static void Before(Racer me, Broken broken, Site? site)
    {
        if (!broken.LetsEffectsPast(site))
        {
            me.ReleaseEffects();
        }
    }

    /// <summary>After a store of a twin: a pause, and then what should have been before it.</summary>
    public static void After(Racer me, Broken broken, Site? site, Action? late)
    {
        if (late is not null)
        {
            me.WaitLong();
            late();
        }

        if (broken.Holds(Breakage.BeforeEffects, site))
        {
            me.WaitLong();
            me.ReleaseEffects();
        }
    }

    /// <summary>A read-modify-write of a twin.</summary>
    /// <returns>What was there before.</returns>
    private static T Change<T>(Racer me, Broken broken, Site? site, ref T place, Func<T, (bool Writes, T Value)> change, bool isAdded, T added = default)
        where T : struct, IBinaryInteger<T>
    {
        me.Release();
        Before(me, broken, site);
        if (broken.Holds(Breakage.Late, site))
        {
            var seen = ReadOf(ref place);
            me.Hold(ref place, isAdded ? added : change(seen).Value, isAdded);
            me.PassFence();
            return seen;
        }

        if (broken.Holds(Breakage.Split, site))
        {
            var seen = ReadOf(ref place);
            me.WaitLong();
            if (change(seen) is { Writes: true } then)
            {
                WriteTo(ref place, then.Value);
            }

            return seen;
        }

        var late = broken.Holds(Breakage.Early, site) ? LatePayload.Take(ref place, site!) : null;
        var before = Whole(ref place, change);
        After(me, broken, site, late);
        return before;
    }

    private static T Whole<T>(ref T place, Func<T, (bool Writes, T Value)> change)
        where T : struct, IBinaryInteger<T>
    {
        while (true)
        {
            var seen = ReadOf(ref place);
            var (writes, value) = change(seen);
            if (System.Threading.Interlocked.CompareExchange(ref place, writes ? value : seen, seen) == seen)
            {
                return seen;
            }
        }
    }

    private static T ReadOf<T>(ref T place)
        where T : struct, IBinaryInteger<T>
    {
        var value = place;
        System.Threading.Volatile.ReadBarrier();
        return value;
    }

    private static void WriteTo<T>(ref T place, T value)
        where T : struct, IBinaryInteger<T>
    {
        System.Threading.Volatile.WriteBarrier();
        place = value;
    }
}
