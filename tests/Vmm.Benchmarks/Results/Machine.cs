using System.Diagnostics;
using System.Reflection;
using System.Runtime;
using System.Runtime.InteropServices;

namespace Vmm.Benchmarks.Results;

/// <summary>Where figures were taken.</summary>
/// <param name="Cores">Processors that this process may use.</param>
/// <param name="Architecture">Of the process: <c>X64</c>.</param>
/// <param name="Runtime"><c>.NET 10.0.1</c>.</param>
/// <param name="System">Name and version of the operating system.</param>
/// <param name="Collector"><c>workstation, Interactive</c>.</param>
/// <param name="IsOptimized">False for a debug build, whose figures say nothing.</param>
internal sealed record Machine(int Cores, string Architecture, string Runtime, string System, string Collector, bool IsOptimized)
{
    /// <summary>The one that this runs on.</summary>
    public static Machine Current { get; } = new(
        Environment.ProcessorCount,
        RuntimeInformation.ProcessArchitecture.ToString(),
        RuntimeInformation.FrameworkDescription,
        RuntimeInformation.OSDescription,
        $"{(GCSettings.IsServerGC ? "server" : "workstation")}, {GCSettings.LatencyMode}",
        typeof(Machine).Assembly.GetCustomAttribute<DebuggableAttribute>() is not { IsJITOptimizerDisabled: true });

    /// <summary>Prints it, one fact a line.</summary>
    public void Print(TextWriter output)
    {
        output.WriteLine($"cores    {Cores}, {Architecture}");
        output.WriteLine($"runtime  {Runtime}, {System}");
        output.WriteLine($"gc       {Collector}");
        output.WriteLine($"build    {(IsOptimized ? "optimized" : "NOT optimized: figures of a debug build say nothing; run with -c Release")}");
    }
}
