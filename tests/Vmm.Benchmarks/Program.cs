using System.Runtime;
using System.Runtime.InteropServices;
using Vmm.Benchmarks;

// Figures of this machine. Nothing here passes or fails: a figure is read beside the machine that it was taken on.
const string Usage = """
    Examples:
      dotnet run --project tests/Vmm.Benchmarks -c Release -- all --quick
      dotnet run --project tests/Vmm.Benchmarks -c Release -- containers

    Verbs:
      akka        messages a second, bytes a message
      containers  map and unmap, replay of a full address space
      planning    plans of attaches, of large views, and of small changes
      population  pages of guest memory by one thread and by two, beside a memset
      all         each of these
      kernel PEER PCI MEDIATED
                  map and unmap on this machine's own kernel against the C program PEER (Native/ioctl-pairs.c), by a PCI device
                  on vfio-pci, alone in its group; and the hotplug of it beside a mediated device, refused

    Options:
      --quick     a few seconds, for a look; figures jitter
    """;

var benchmarks = new Dictionary<string, Action<TextWriter, bool>>(StringComparer.Ordinal)
{
    ["akka"] = AkkaBenchmarks.Run,
    ["containers"] = ContainerBenchmarks.Run,
    ["planning"] = PlanningBenchmarks.Run,
    ["population"] = PopulationBenchmarks.Run,
};

var quick = args.Contains("--quick");
var verbs = args.Where(argument => argument != "--quick").ToList();
if (verbs is ["--help" or "-h"])
{
    Console.Out.WriteLine(Usage);
    return 0;
}

if (verbs is ["kernel", var peer, var device, var mediated])
{
    PrintMachine(Console.Out);
    Console.Out.WriteLine($"\nkernel{(quick ? " (quick)" : "")}");
    RefusedHotplug.Run(Console.Out, mediated, device);
    KernelBenchmarks.Run(Console.Out, quick, peer, device);
    return 0;
}

if (verbs is not [var verb] || (verb != "all" && !benchmarks.ContainsKey(verb)))
{
    Console.Error.WriteLine($"benchmarks: '{string.Join(' ', verbs)}' is no verb; write one of akka, containers, planning, population, all, or kernel PEER PCI MEDIATED, and --quick if a look is enough");
    return 2;
}

PrintMachine(Console.Out);
foreach (var (name, run) in benchmarks.Where(benchmark => verb == "all" || verb == benchmark.Key))
{
    Console.Out.WriteLine($"\n{name}{(quick ? " (quick)" : "")}");
    run(Console.Out, quick);
}

return 0;

static void PrintMachine(TextWriter output)
{
    output.WriteLine($"cores    {Environment.ProcessorCount}");
    output.WriteLine($"runtime  {RuntimeInformation.FrameworkDescription}, {RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}");
    output.WriteLine($"gc       {(GCSettings.IsServerGC ? "server" : "workstation")}, {GCSettings.LatencyMode}");
    output.WriteLine($"build    {(IsOptimized() ? "optimized" : "NOT optimized: figures of a debug build say nothing; run with -c Release")}");
}

static bool IsOptimized() =>
    typeof(ContainerBenchmarks).Assembly.GetCustomAttributes(typeof(System.Diagnostics.DebuggableAttribute), inherit: false)
        .OfType<System.Diagnostics.DebuggableAttribute>()
        .All(attribute => !attribute.IsJITOptimizerDisabled);
