using System.Numerics;
using System.Runtime.CompilerServices;
using Real = System.Threading.Volatile;

namespace Vmm.Litmus.Sites;

/// <summary>In place of the class of that name in the domain's sources.</summary>
internal static class Volatile
{
    public static int Read(ref int place, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) => Accesses.Read(ref place, file, line);

    public static long Read(ref long place, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) => Accesses.Read(ref place, file, line);

    public static bool Read(ref bool place, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        Accesses.Meet(file, line);
        return Real.Read(ref place);
    }

    public static T Read<T>(ref readonly T place, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
        where T : class?
    {
        Accesses.Meet(file, line);
        return Real.Read(in place);
    }

    public static void Write<T>(ref T place, T value, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
        where T : struct, IBinaryInteger<T> => Accesses.Write(ref place, value, file, line);

    public static void Write(ref bool place, bool value, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        var site = Accesses.Meet(file, line);
        Real.Write(ref place, value);
        if (Race.Broken is { } broken)
        {
            Accesses.After(Racer.Mine, broken, site, late: null);
        }
    }

    public static void Write<T>(ref T place, T value, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0, bool isReference = true)
        where T : class?
    {
        _ = isReference;
        Accesses.Meet(file, line);
        Real.Write(ref place, value);
    }
}
