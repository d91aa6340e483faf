using Vmm.Benchmarks.Results;

namespace Vmm.Benchmarks.Tests.Results;

/// <summary>Results as a run might have them.</summary>
internal static class Sample
{
    public static Machine Machine { get; } = new(2, "X64", ".NET 10.0.1", "Linux 6.18", "workstation, Interactive", IsOptimized: true);

    /// <summary>A time of 100 ns whose run differs from itself by a tenth.</summary>
    public static Figure Timed(string name, double value = 100, double noise = 1.1, double bytes = 0) => new(
        name, "ns", value, value * 0.9, value * 1.2, 15, 1_000, value, bytes, [3, 2, 1], 0.5, new Spread(1, 1 / noise, noise), Aim.None, null);

    public static ResultFile File(params Figure[] figures) => new(ResultFile.CurrentFormat, Machine, IsQuick: false, figures);
}
