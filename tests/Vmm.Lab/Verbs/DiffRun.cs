using System.Diagnostics;
using Vmm.Iommu.Kernel;
using Vmm.Lab.Histories;
using Vmm.Lab.Machine;
using Vmm.Lab.Running;

namespace Vmm.Lab.Verbs;

/// <summary>Runs histories until there are enough operations or a difference.</summary>
/// <param name="output">Where findings go.</param>
internal sealed class DiffRun(TextWriter output)
{
    private const int HistoryLength = 120;
    private const string Container = "/dev/vfio/vfio";

    private readonly DiffTally _tally = new();

    /// <summary>Runs what is asked; null where this machine has no VFIO.</summary>
    public DiffReport? Run(DiffRequest request)
    {
        using var arena = new Arena();
        if (request.EmulatedTwice)
        {
            return Compare(request, "emulated and emulated", SampleMachine.Shape, () => new EmulatedBench(arena, SampleMachine.Build, SampleMachine.Shape, kernel => kernel));
        }

        if (!File.Exists(Container))
        {
            return null;
        }

        var linux = LinuxKernel.Create();
        var machine = new MachineReader(linux).Read();
        return Compare(request, "linux and emulated", machine.Shape, () => new LinuxBench(linux, machine, arena));
    }

    private DiffReport Compare(DiffRequest request, string kernels, MachineShape shape, Func<Bench> open)
    {
        using var runner = new HistoryRunner(open);
        var found = new List<FoundDifference>();
        var watch = Stopwatch.StartNew();
        var number = request.From;
        if (request.Replay is { } file)
        {
            var history = ReadHistory(file);
            Note(request, found, runner, 0, new HistoryReader(history), () => history, shrinks: false);
            return new DiffReport(kernels, request.Backend.ToString(), request.Seed, runner.Operations, 1, watch.Elapsed.TotalSeconds, found, request.Counts ? _tally.Rows : null);
        }

        var operations = 0L;
        for (; operations < request.Operations && found.Count < request.KeepGoing; number++)
        {
            var before = runner.Operations;
            var author = new HistoryAuthor(request.Seed, number, request.Backend, shape, HistoryLength);
            operations += Note(request, found, runner, number, author, () => author.Written, shrinks: true) ?? runner.Operations - before;
        }

        return new DiffReport(kernels, request.Backend.ToString(), request.Seed, operations, number - request.From, watch.Elapsed.TotalSeconds, found, request.Counts ? _tally.Rows : null);
    }

    /// <summary>Runs one history; a difference is shrunk, shown and answered with the operations before it.</summary>
    private long? Note(
        DiffRequest request, List<FoundDifference> found, HistoryRunner runner, int number, IHistorySource source, Func<History> written, bool shrinks)
    {
        if (runner.Run(source, request.Counts ? (operation, answer, _) => _tally.Add(operation, answer) : null) is not { } difference)
        {
            return null;
        }

        var at = difference.At;
        var history = written();
        if (shrinks && !request.Json)
        {
            // Making it smaller can take longer than whoever waits for it lets it.
            var whole = FoundDifference.Of(number, history, difference);
            output.WriteLine($"# history {number} differs at operation {at}, {whole.Call}: {whole.First} and {whole.Second}; --seed {request.Seed} --from {number} shows it again");
        }

        (history, difference) = shrinks ? new Shrinker(runner).Shrink(history, difference) : (history, difference);
        found.Add(FoundDifference.Of(number, history, difference));
        if (!request.Json)
        {
            output.WriteLine(found[^1].ToText("first", "second"));
        }

        return at;
    }

    private static History ReadHistory(string file)
    {
        var history = History.Parse(File.ReadAllText(file));
        return history.Operations.FirstOrDefault(operation => !OperationTable.Has(operation.Name)) is { } unknown
            ? throw new FormatException($"{file}: there is no operation '{unknown.Name}'; there are {string.Join(", ", OperationTable.Names)}")
            : history;
    }
}
