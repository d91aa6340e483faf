using System.Text.Json;

namespace Vmm.Cli.Tests;

public sealed class ScenarioVerbTests : IDisposable
{
    private const string Passing = """
        name: small
        host: {devices: [{address: "0000:01:00.0", group: 5, driver: vfio-pci}]}
        memory: {sections: [{start: 0, size: 16MiB, kind: ram, name: ram}]}
        steps:
          - attach: 0000:01:00.0
            expect: {outcome: attached, container: CONTAINER}
        """;

    private readonly string _directory = Directory.CreateTempSubdirectory("vmm-scenarios-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task A_scenario_that_goes_as_told_ends_with_0_and_a_timeline()
    {
        var run = await RunningCommand.Of("scenario", File("1"));

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("   1 00:00:00  attach 0000:01:00.0", run.Out, StringComparison.Ordinal);
        Assert.Contains("→ attached: container 1", run.Out, StringComparison.Ordinal);
        Assert.Contains("left: nothing", run.Out, StringComparison.Ordinal);
        Assert.Contains("small, seed 1: passed", run.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("IOVA space", run.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("host: {devices", "host: {drivers: {'0000:09:00.0': vfio-pci}, devices")]
    [InlineData("{start: 0, size: 16MiB, kind: ram, name: ram}", "{start: 0, size: 64KiB, kind: ramd, name: b, offset: 0, bar: '0000:01:00.0/9'}")]
    public async Task A_file_that_cannot_run_is_found_before_another_runs(string good, string bad)
    {
        var odd = Path.Combine(_directory, "odd.yaml");
        System.IO.File.WriteAllText(odd, Passing.Replace("CONTAINER", "1", StringComparison.Ordinal).Replace(good, bad, StringComparison.Ordinal));

        Assert.Contains("odd.yaml:", (await RunningCommand.Of("scenario", File("1"), odd)).TheOneErrorLine(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_view_that_begins_with_the_bar_of_nobody_is_one_line()
    {
        var odd = Path.Combine(_directory, "odd.yaml");
        System.IO.File.WriteAllText(odd, Passing.Replace("CONTAINER", "1", StringComparison.Ordinal).Replace("kind: ram, name: ram}", "kind: ramd, name: b, bar: '0000:01:00.0/0'}", StringComparison.Ordinal));

        var run = await RunningCommand.Of("scenario", odd);

        Assert.Equal(2, run.ExitCode);
        Assert.Equal("vmm: small: b shows a BAR of 0000:01:00.0, which is not attached; attach it first; correct the memory map or the view", run.Error.TrimEnd());
    }

    [Fact]
    public async Task Drawing_can_be_asked_for()
    {
        var run = await RunningCommand.Of("scenario", File("1"), "--draw");
        Assert.Contains("             0x0 ┤    16 MiB  ram               ████████ rw 4K 2M ████████", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failed_expectation_ends_with_1_and_shows_both_sides()
    {
        var run = await RunningCommand.Of("scenario", File("7"), "--seed", "3");

        Assert.Equal((1, ""), (run.ExitCode, run.Error));
        Assert.Matches("✗ container\\s+expected\\s+found\\s+7\\s+1", run.Out);
        Assert.Contains("small, seed 3: failed: 1 not as expected", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_seeds_show_a_line_a_file_and_those_that_fail()
    {
        var run = await RunningCommand.Of("scenario", File("1"), File("7"), "--seeds", "4..6");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("1.yaml: 3 seeds passed, 0 failed", run.Out, StringComparison.Ordinal);
        Assert.Contains("7.yaml: 0 seeds passed, 3 failed", run.Out, StringComparison.Ordinal);
        Assert.Contains("seed 5", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_is_a_document_a_line()
    {
        var run = await RunningCommand.Of("scenario", File("7"), "--json");

        var lines = run.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal(["step", "result"], lines.Select(line => line.GetProperty("kind").GetString()));
        Assert.Equal("attached", lines[0].GetProperty("step").GetProperty("outcome").GetString());
        Assert.Equal("emulated", lines[1].GetProperty("kernel").GetString());
        Assert.False(lines[1].GetProperty("passed").GetBoolean());
        Assert.Equal(1, run.ExitCode);
    }

    [Theory]
    [InlineData("--seeds", "5..1", "--seeds 5..1: is no range")]
    [InlineData("--seeds", "1", "--seeds 1: is no range")]
    [InlineData("--draw", "--json", "--draw stands beside --json")]
    [InlineData("--map", "0000:01:00.0=0000:05:00.0", "--map is about this machine's devices; give it with --kernel linux")]
    [InlineData("--map", "0000:01:00.0", "--map 0000:01:00.0: is no pair of devices")]
    [InlineData("--map", "a=b,c=b", "--map c=b: one of both is in it already")]
    [InlineData("--kernel", "minix", "minix")]
    [InlineData("--backend", "vfio", "vfio")]
    public async Task Options_that_make_no_sense_are_one_line(string first, string second, string expected) =>
        Assert.Contains(expected, (await RunningCommand.Of("scenario", File("1"), first, second)).TheOneErrorLine(), StringComparison.Ordinal);

    [Fact]
    public async Task A_backend_can_be_forced_and_runs_are_counted()
    {
        var run = await RunningCommand.Of("scenario", File("1"), File("1"), "--backend", "iommufd");

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("attached: container 1", run.Out, StringComparison.Ordinal);
        Assert.Contains("2 runs: 2 passed, 0 failed, 0 skipped", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bad_file_is_one_line_and_nothing_is_run()
    {
        var bad = Path.Combine(_directory, "bad.yaml");
        await System.IO.File.WriteAllTextAsync(bad, Passing.Replace("attach:", "atach:", StringComparison.Ordinal));

        var line = (await RunningCommand.Of("scenario", File("1"), bad)).TheOneErrorLine();

        Assert.Matches("bad\\.yaml:5:5 steps\\[0\\]\\.atach: unknown key; did you mean attach\\?", line);
    }

    private string File(string container)
    {
        var file = Path.Combine(_directory, $"{container}.yaml");
        System.IO.File.WriteAllText(file, Passing.Replace("CONTAINER", container, StringComparison.Ordinal));
        return file;
    }
}
