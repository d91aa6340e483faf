using System.CommandLine;
using Vmm.Contract.Running;
using Vmm.Lab.Histories;

namespace Vmm.Lab.Verbs;

/// <summary><c>vmm-lab diff</c>: random histories on the running kernel and on an emulated one.</summary>
internal static class DiffVerb
{
    private const int NoDifference = 0;
    private const int Different = 1;
    private const int Refused = 2;

    /// <summary>The verb.</summary>
    public static Command Create()
    {
        var seed = new Option<ulong[]>("--seed") { Description = "Seed of the histories; may come more than once.", DefaultValueFactory = _ => [1] };
        var ops = new Option<long>("--ops") { Description = "Operations to run on both kernels.", DefaultValueFactory = _ => 20_000 };
        var backend = new Option<Backend[]>("--backend") { Description = "type1, type1v1, noiommu or iommufd; may come more than once.", DefaultValueFactory = _ => [Backend.Type1] };
        var from = new Option<int>("--from") { Description = "Number of the first history." };
        var trx = new Option<string?>("--trx") { Description = "Write the results there, a test a backend and seed.", HelpName = "FILE" };
        var replay = new Option<string?>("--replay") { Description = "Run this history file instead.", HelpName = "FILE" };
        var json = new Option<bool>("--json") { Description = "One JSON document." };
        var twice = new Option<bool>("--emulated-twice") { Description = "Two emulated kernels: the run tests itself, on any machine." };
        var tally = new Option<bool>("--tally") { Description = "Count each operation's answers." };
        var most = new Option<int>("--most") { Description = "Differences to show before the run ends.", DefaultValueFactory = _ => 1 };
        var verb = new Command("diff", "Runs random histories on the running kernel and on the emulated one; the first difference is shrunk and printed.")
        {
            seed, ops, backend, from, replay, json, twice, most, trx, tally,
        };
        verb.SetAction(parsed => Run(
            parsed.GetValue(backend)!.SelectMany(_ => parsed.GetValue(seed)!, (about, number) => new DiffRequest(
                number,
                parsed.GetValue(ops),
                about,
                parsed.GetValue(replay),
                parsed.GetValue(json),
                parsed.GetValue(twice),
                parsed.GetValue(most),
                parsed.GetValue(from),
                parsed.GetValue(tally))),
            parsed.GetValue(trx),
            parsed.InvocationConfiguration.Output,
            parsed.InvocationConfiguration.Error));
        return verb;
    }

    private static int Run(IEnumerable<DiffRequest> requests, string? trx, TextWriter output, TextWriter error)
    {
        var reports = new List<DiffReport>();
        try
        {
            foreach (var request in requests)
            {
                if (new DiffRun(output).Run(request) is not { } report)
                {
                    error.WriteLine("vmm-lab: this machine has no /dev/vfio/vfio: load vfio-pci, or run this in the lab's guest; --emulated-twice needs neither");
                    return Refused;
                }

                output.WriteLine(request.Json ? report.ToJson() : report.ToText());
                reports.Add(report);
            }

            if (trx is not null)
            {
                TrxFile.Write(trx, new TestReport([.. reports.Select(report => report.ToTest())]));
            }

            return reports.TrueForAll(report => report.Differences.Count == 0) ? NoDifference : Different;
        }
        catch (Exception failure) when (failure is FormatException or IOException or UnauthorizedAccessException)
        {
            error.WriteLine($"vmm-lab: {failure.Message.ReplaceLineEndings(" ")}");
            return Refused;
        }
    }
}
