namespace Vmm.Lab.Histories;

/// <summary>Numbers from a seed: the same on every machine and every version of the runtime (SplitMix64).</summary>
internal sealed class Dice(ulong seed)
{
    private ulong _state = seed;

    /// <summary>The next 64 bits.</summary>
    public ulong Next()
    {
        _state += 0x9e37_79b9_7f4a_7c15;
        var mixed = (_state ^ (_state >> 30)) * 0xbf58_476d_1ce4_e5b9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94d0_49bb_1331_11eb;
        return mixed ^ (mixed >> 31);
    }

    /// <summary>A number from 0 to <paramref name="count"/> - 1.</summary>
    public int Below(int count) => (int)(Next() % (uint)count);

    /// <summary>True that often in a hundred.</summary>
    public bool Chance(int percent) => Below(100) < percent;

    /// <summary>One of several.</summary>
    public T Of<T>(params ReadOnlySpan<T> choices) => choices[Below(choices.Length)];

    /// <summary>One of several, each as often as its weight says.</summary>
    public T Weighted<T>(IReadOnlyList<(int Weight, T Choice)> choices)
    {
        var left = Below(choices.Sum(choice => choice.Weight));
        foreach (var (weight, choice) in choices)
        {
            left -= weight;
            if (left < 0)
            {
                return choice;
            }
        }

        return choices[^1].Choice;
    }
}
