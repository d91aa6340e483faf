using Vmm.Lab.Histories;
using Vmm.Lab.Verbs;

namespace Vmm.Lab.Tests.Verbs;

public class DiffRunTests
{
    private static readonly DiffRequest Request = new(5, 500, Backend.Type1, Replay: null, Json: false, EmulatedTwice: true, KeepGoing: 1);

    [Fact]
    public void A_run_ends_when_there_are_enough_operations()
    {
        var report = new DiffRun(TextWriter.Null).Run(Request)!;
        Assert.InRange(report.Operations, 500, 1000);
        Assert.Empty(report.Differences);
        Assert.Contains("\"operations\"", report.ToJson(), StringComparison.Ordinal);
        Assert.EndsWith("no difference", report.ToLine(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_history_file_is_run_and_an_unknown_operation_in_it_is_named()
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, "open on=container:0\nextension on=container:0 value=3\n");
            Assert.Equal(2, new DiffRun(TextWriter.Null).Run(Request with { Replay = file })!.Operations);
            File.WriteAllText(file, "opne on=container:0\n");
            Assert.Contains("'opne'", Assert.Throws<FormatException>(() => new DiffRun(TextWriter.Null).Run(Request with { Replay = file })).Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
