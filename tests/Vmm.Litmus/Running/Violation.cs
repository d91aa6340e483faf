namespace Vmm.Litmus.Running;

/// <summary>Something that no order of the requests explains.</summary>
internal sealed class Violation : Exception
{
    private static string? _first;

    public Violation(string words)
        : base(words) => System.Threading.Interlocked.CompareExchange(ref _first, words, comparand: null);

    /// <summary>The first one of this process, also where the code under test caught it.</summary>
    public static string? First => System.Threading.Volatile.Read(ref _first);

    /// <summary>Throws where a statement about the code does not hold.</summary>
    public static void Unless(bool holds, string words)
    {
        if (!holds)
        {
            throw new Violation(words);
        }
    }

    /// <summary>Throws where a statement about the code does not hold; the words are made only then.</summary>
    public static void Unless(bool holds, Func<string> words)
    {
        if (!holds)
        {
            throw new Violation(words());
        }
    }
}
