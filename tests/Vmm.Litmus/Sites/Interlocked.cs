using System.Numerics;
using System.Runtime.CompilerServices;
using Real = System.Threading.Interlocked;

namespace Vmm.Litmus.Sites;

/// <summary>In place of the class of that name in the domain's sources.</summary>
internal static class Interlocked
{
    public static void MemoryBarrier([CallerFilePath] string file = "", [CallerLineNumber] int line = 0) => Accesses.MemoryBarrier(file, line);

    public static T Exchange<T>(ref T place, T value, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
        where T : struct, IBinaryInteger<T> => Accesses.Exchange(ref place, value, file, line);

    public static T CompareExchange<T>(ref T place, T value, T comparand, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
        where T : struct, IBinaryInteger<T> => Accesses.CompareExchange(ref place, value, comparand, file, line);

    public static T Increment<T>(ref T place, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
        where T : struct, IBinaryInteger<T> => Accesses.Add(ref place, T.One, file, line);

    public static T Decrement<T>(ref T place, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
        where T : struct, IBinaryInteger<T> => Accesses.Add(ref place, T.Zero - T.One, file, line);

    public static T Add<T>(ref T place, T value, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
        where T : struct, IBinaryInteger<T> => Accesses.Add(ref place, value, file, line);

    public static T CompareExchange<T>(
        ref T place, T value, T comparand, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0, bool isReference = true)
        where T : class?
    {
        _ = isReference;
        var site = Accesses.Meet(file, line);
        if (Race.Broken?.Holds(Breakage.Split, site) != true)
        {
            return Real.CompareExchange(ref place, value, comparand);
        }

        var seen = place;
        Racer.Mine.WaitLong();
        if (seen == comparand)
        {
            System.Threading.Volatile.Write(ref place, value);
        }

        return seen;
    }
}
