using Vmm.Benchmarks;
using Vmm.Benchmarks.Measuring;
using Vmm.Benchmarks.Results;
using Vmm.Benchmarks.Soaking;

// Figures of this machine. Nothing here passes or fails but a soak: a figure is read beside the machine that it was taken on.
const string Usage = """
    Examples:
      dotnet run --project tests/Vmm.Benchmarks -c Release -- all --quick
      dotnet run --project tests/Vmm.Benchmarks -c Release -- mappings --json after.json
      dotnet run --project tests/Vmm.Benchmarks -c Release -- compare before.json after.json

    Verbs:
      akka        messages a second, bytes a message
      containers  map and unmap, replay of a full address space
      hotpath     what a vCPU pays for a map beyond the ioctl: alone, beside others, in a large table, in batches,
                  and how long it waits beside an attach, a view, and a vCPU that floods
      mappings    the table of what is mapped: bytes a mapping, pairs in a large one
      planning    plans of attaches, of large views, and of small changes
      population  pages of guest memory by one thread and by two, beside a memset
      all         each of these
      list        the names of their rows
      compare BEFORE AFTER
                  two files of --json: what became better or worse by more than the noise of the runs
      kernel PEER PCI OTHER MEDIATED
                  map and unmap on this machine's own kernel against the C program PEER (Native/ioctl-pairs.c), by a PCI device
                  on vfio-pci, alone in its group; the hot path over it, also while OTHER, a second such device, comes and
                  goes; and the hotplug of PCI beside a mediated device, refused
      soak        the hot path for minutes on the emulated kernel, while calls fail at random; ends with 0 when all held and with
                  1 when something did not

    Options:
      --only NAME  the rows that have NAME in their names; of soak the backend type1 or iommufd
      --json FILE  keeps the results
      --quick      a few seconds, for a look; figures jitter
      --minutes N  of soak, how long it runs a backend; 10 where it is left out
      --seed N     of soak, where its chance comes from; 1 where it is left out
    """;

IReadOnlyList<Row> rows = [.. AkkaBenchmarks.Rows, .. ContainerBenchmarks.Rows, .. HotPathBenchmarks.Rows, .. HotPathLatencies.Rows, .. MappingBenchmarks.Rows, .. PlanningBenchmarks.Rows, .. PopulationBenchmarks.Rows];
if (!Request.TryRead(args, [.. rows.Select(row => row.Group).Distinct()], out var request, out var wrong))
{
    return Refuse(wrong);
}

try
{
    switch (request.Verb)
    {
        case Request.Help:
            Console.Out.WriteLine(Usage);
            return 0;
        case Request.List:
            Console.Out.WriteLine(string.Join(Environment.NewLine, rows.Select(row => row.Name)));
            return 0;
        case Request.Compare:
            Tables.Print(Console.Out, ResultFile.Read(request.Operands[0]), ResultFile.Read(request.Operands[1]));
            return 0;
        case Request.Soak:
            var backends = Enum.GetValues<SoakBackend>().Where(backend => request.Only is null || request.Only.Equals($"{backend}", StringComparison.OrdinalIgnoreCase)).ToList();
            return backends.Count == 0
                ? Refuse($"--only {request.Only}: soak knows type1 and iommufd")
                : Soak.Run(Console.Out, request.Minutes, request.Seed, backends);
        case Request.Kernel:
            rows = [.. RefusedHotplug.Rows(request.Operands[3], request.Operands[1]), .. KernelBenchmarks.Rows(request.Operands[0], request.Operands[1], request.Operands[2])];
            break;
    }

    var chosen = rows.Where(row => (request.Verb is Request.All || row.Group == request.Verb) && row.Name.Contains(request.Only ?? "", StringComparison.Ordinal)).ToList();
    return chosen.Count == 0
        ? Refuse($"--only {request.Only}: no row of {request.Verb} has it in its name; the verb list shows them")
        : Measure(chosen, request);
}
catch (BadResultsException bad)
{
    return Refuse(bad.Message);
}

static int Measure(List<Row> rows, Request request)
{
    // The file is made first: a run of minutes does not end with a path that cannot be written.
    var figures = new List<Figure>();
    var results = new ResultFile(ResultFile.CurrentFormat, Machine.Current, request.IsQuick, figures);
    if (request.Json is not null)
    {
        results.Write(request.Json);
    }

    Machine.Current.Print(Console.Out);
    foreach (var group in rows.GroupBy(row => row.Group))
    {
        Console.Out.WriteLine($"\n{Tables.Header($"{group.Key}{(request.IsQuick ? " (quick)" : "")}")}");
        foreach (var figure in group.SelectMany(row => row.Figures(new Run(request.IsQuick))))
        {
            figures.Add(figure);
            Console.Out.WriteLine(Tables.Line(figure));
        }
    }

    if (request.Json is not null)
    {
        results.Write(request.Json);
    }

    return 0;
}

static int Refuse(string wrong)
{
    Console.Error.WriteLine($"benchmarks: {wrong}");
    return 2;
}
