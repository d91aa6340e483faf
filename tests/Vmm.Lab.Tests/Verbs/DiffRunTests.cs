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
    public void A_run_that_counts_says_how_often_each_operation_got_which_answer()
    {
        var report = new DiffRun(TextWriter.Null).Run(Request with { Counts = true })!;
        Assert.Equal(report.Operations, report.Tally!.Where(row => !row.Key.Contains(' ', StringComparison.Ordinal)).Sum(row => row.Value.Values.Sum()));
        Assert.Contains("  map ", report.ToText(), StringComparison.Ordinal);
        Assert.Contains("\"tally\"", report.ToJson(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_from_a_number_on_begins_with_the_history_of_that_number()
    {
        var output = new StringWriter();
        Assert.Equal(2, new DiffRun(output).Run(Request with { From = 7, Operations = 200 })!.Histories);
        Assert.Equal("", output.ToString());
    }

    [Fact]
    public void A_run_is_a_test_that_fails_with_its_differences()
    {
        var report = new DiffRun(TextWriter.Null).Run(Request)!;
        Assert.Equal(("Passed", ""), (report.ToTest().Outcome, report.ToTest().Words));
        Assert.Contains("backend Type1, seed 5", report.ToTest().Name, StringComparison.Ordinal);

        var failed = (report with { Differences = [new FoundDifference(3, "locked", "1", "0", ["open on=container:0", "locked"])] }).ToTest();
        Assert.Equal("Failed", failed.Outcome);
        Assert.Contains("history 3: locked", failed.Words, StringComparison.Ordinal);
        Assert.EndsWith("open on=container:0\nlocked\n", failed.Words, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_of_results_has_a_test_for_each_backend_and_seed()
    {
        var file = Path.GetTempFileName();
        try
        {
            var parsed = DiffVerb.Create().Parse(
                ["--emulated-twice", "--ops", "100", "--backend", "type1", "--backend", "iommufd", "--seed", "3", "--seed", "4", "--trx", file]);
            Assert.Empty(parsed.Errors);
            Assert.Equal(0, await parsed.InvokeAsync(new() { Output = TextWriter.Null }));
            var text = await File.ReadAllTextAsync(file);
            Assert.Contains("<Counters total=\"4\" executed=\"4\" passed=\"4\" failed=\"0\" />", text, StringComparison.Ordinal);
            Assert.Contains("backend Iommufd, seed 4", text, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
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
