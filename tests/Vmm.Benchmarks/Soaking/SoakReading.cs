using System.Diagnostics;

namespace Vmm.Benchmarks.Soaking;

/// <summary>What the process holds at one moment at which nothing runs.</summary>
/// <param name="Managed">Bytes of live objects, after a full collection.</param>
/// <param name="WorkingSet">Bytes of memory that it has.</param>
/// <param name="Threads">Threads.</param>
/// <param name="Descriptors">Open descriptors, without those that the emulated kernel holds a mapping's file by.</param>
internal readonly record struct SoakReading(long Managed, long WorkingSet, int Threads, int Descriptors)
{
    private const long Mebibyte = 1 << 20;

    /// <summary>What the last reading may be above the first that counts: containers and blocks are open or not at that moment.</summary>
    public static SoakReading Margin => new(8 * Mebibyte, 64 * Mebibyte, 8, 16);

    /// <summary>Now.</summary>
    /// <param name="heldFiles">Files that mappings hold; as many as there are mappings by file.</param>
    public static SoakReading Take(int heldFiles)
    {
        var managed = GC.GetTotalMemory(forceFullCollection: true);
        using var process = Process.GetCurrentProcess();
        return new SoakReading(managed, process.WorkingSet64, process.Threads.Count, Directory.GetFiles("/proc/self/fd").Length - heldFiles);
    }

    /// <summary>What has grown by more than the margin, in words; null when nothing did, or there are too few minutes to tell. Pure.</summary>
    /// <param name="minutes">A reading a minute.</param>
    public static string? Growth(IReadOnlyList<SoakReading> minutes)
    {
        if (minutes.Count < 2)
        {
            return null;
        }

        // In the first minute code is still being compiled, so the second counts, where there is one behind it.
        var (from, to, margin) = (minutes[Math.Min(1, minutes.Count - 2)], minutes[^1], Margin);
        var grown = new List<string>();
        Compare("managed bytes", from.Managed, to.Managed, margin.Managed);
        Compare("working set", from.WorkingSet, to.WorkingSet, margin.WorkingSet);
        Compare("threads", from.Threads, to.Threads, margin.Threads);
        Compare("descriptors", from.Descriptors, to.Descriptors, margin.Descriptors);
        return grown.Count == 0 ? null : string.Join("; ", grown);

        void Compare(string what, long before, long after, long atMost)
        {
            if (after > before + atMost)
            {
                grown.Add($"{what} grew from {before:N0} to {after:N0}, by more than {atMost:N0}");
            }
        }
    }

    /// <summary>In words.</summary>
    public override string ToString() =>
        $"managed {Managed / 1024.0:N0} KiB, working set {WorkingSet / (double)Mebibyte:N0} MiB, {Threads} threads, {Descriptors} descriptors";
}
