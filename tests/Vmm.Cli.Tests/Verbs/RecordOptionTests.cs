using System.Text.Json.Nodes;

namespace Vmm.Cli.Tests.Verbs;

public sealed class RecordOptionTests : IDisposable
{
    private const string Tour = "configs/scenarios/tour.yaml";
    private readonly string _directory = Directory.CreateTempSubdirectory("vmm-record-").FullName;

    private string Recording => Path.Combine(_directory, "field.jsonl");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task A_scenario_is_recorded_and_replayed()
    {
        var recorded = await RunningCommand.Of("scenario", Tour, "--no-draw", "--record", Recording);
        Assert.Equal((0, ""), (recorded.ExitCode, recorded.Error));

        var run = await RunningCommand.Of("replay", Recording);

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("recorded on the emulated kernel 7.2.0-emulated, replayed on the emulated Linux 7.2", run.Out, StringComparison.Ordinal);
        Assert.Contains("field: equal, ", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_difference_ends_with_1_and_shows_both_answers()
    {
        await RunningCommand.Of("scenario", Tour, "--no-draw", "--record", Recording);
        var text = File.ReadAllText(Recording);
        var at = text.IndexOf("\"call\":\"VFIO_IOMMU_MAP_DMA\"", StringComparison.Ordinal);
        var ret = text.IndexOf("\"ret\":0", at, StringComparison.Ordinal);
        File.WriteAllText(Recording, text.Insert(ret + "\"ret\":0".Length, ",\"errno\":\"EINVAL\""));

        var run = await RunningCommand.Of("replay", Recording);
        var json = await RunningCommand.Of("replay", "--json", Recording);

        Assert.Equal((1, 1), (run.ExitCode, json.ExitCode));
        Assert.Contains("recorded:  EINVAL (22, invalid argument)", run.Out, StringComparison.Ordinal);
        Assert.Contains("emulated:  0", run.Out, StringComparison.Ordinal);
        var lines = json.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!).ToList();
        Assert.Equal(["replay", "difference", "result"], lines.Select(line => line["kind"]!.GetValue<string>()));
        Assert.Equal(text[..at].Count(letter => letter == '\n') + 1, lines[1]["line"]!.GetValue<int>());
    }

    [Fact]
    public async Task A_cut_recording_says_how_much_of_it_is_used()
    {
        await RunningCommand.Of("scenario", Tour, "--no-draw", "--record", Recording);
        var text = File.ReadAllText(Recording);
        File.WriteAllText(Recording, text[..^9]);

        var run = await RunningCommand.Of("replay", Recording);

        Assert.Equal(0, run.ExitCode);
        Assert.Contains($"the last line is cut: the {text.Count(letter => letter == '\n') - 1:N0} whole lines are used", run.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("type1")]
    [InlineData("iommufd")]
    public async Task A_plan_that_probes_is_recorded_and_replayed(string backend)
    {
        var plan = await RunningCommand.Of(
            "plan", "--host", RunningCommand.Host, "--memory", "configs/memory-maps/q35-8g.txt", "--device", "0000:01:00.0", "--probe", "--backend", backend, "--record", Recording);
        Assert.Equal("", plan.Error);

        var run = await RunningCommand.Of("replay", Recording);

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
    }

    [Fact]
    public async Task What_cannot_be_recorded_is_refused_before_anything_is_done()
    {
        Assert.Contains("give one file and one seed", (await RunningCommand.Of("scenario", Tour, "--seeds", "1..2", "--record", Recording)).TheOneErrorLine(), StringComparison.Ordinal);
        Assert.Contains("the file cannot be made", (await RunningCommand.Of("scenario", Tour, "--record", _directory)).TheOneErrorLine(), StringComparison.Ordinal);
        Assert.Contains(
            "without --probe no kernel is touched",
            (await RunningCommand.Of("plan", "--host", RunningCommand.Host, "--memory", "configs/memory-maps/q35-8g.txt", "--device", "0000:01:00.0", "--record", Recording)).TheOneErrorLine(),
            StringComparison.Ordinal);
        Assert.False(File.Exists(Recording));
    }

    [Fact]
    public async Task A_full_disk_ends_with_2_after_all_is_done()
    {
        var run = await RunningCommand.Of("scenario", Tour, "--no-draw", "--record", "/dev/full");

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("passed", run.Out, StringComparison.Ordinal);
        Assert.Contains("--record /dev/full: only the first 0 lines could be written", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_recording_takes_no_host_and_no_mode_and_an_empty_file_is_refused()
    {
        await RunningCommand.Of("scenario", Tour, "--no-draw", "--record", Recording);

        Assert.Contains("take --host out", (await RunningCommand.Of("replay", Recording, "--host", RunningCommand.Host)).TheOneErrorLine(), StringComparison.Ordinal);
        Assert.Contains("take --mode out", (await RunningCommand.Of("replay", Recording, "--mode", "steady")).TheOneErrorLine(), StringComparison.Ordinal);
        File.WriteAllText(Recording, "");
        Assert.Contains("the file is empty", (await RunningCommand.Of("replay", Recording)).TheOneErrorLine(), StringComparison.Ordinal);
    }
}
