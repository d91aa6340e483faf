namespace Vmm.Litmus.Sites;

/// <summary>What holds for all threads of this process.</summary>
internal static class Race
{
    private static int _focus = -1;

    /// <summary>What is broken; null for the code as it is. Set before the threads start.</summary>
    public static Broken? Broken { get; set; }

    /// <summary>Where pauses come from.</summary>
    public static ulong Seed { get; set; } = 1;

    /// <summary>The site at which threads wait long now, so that others get far in the meantime; -1 for none.</summary>
    public static int Focus
    {
        get => System.Threading.Volatile.Read(ref _focus);
        set => System.Threading.Volatile.Write(ref _focus, value);
    }

    /// <summary>Sites that were met at least once.</summary>
    public static bool[] Met { get; } = new bool[SiteTable.All.Count];
}
