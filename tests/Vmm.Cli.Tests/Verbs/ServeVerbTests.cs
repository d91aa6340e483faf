using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Vmm.Hosting;

namespace Vmm.Cli.Tests.Verbs;

public sealed class ServeVerbTests : IDisposable
{
    private const string Config = "configs/vmm.json";

    // How long a child process may take before the test fails; nothing waits for it to pass.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("vmm-cli-");

    [Fact]
    public void The_file_in_the_tree_is_what_the_table_of_keys_says() =>
        Assert.Equal(VmmOptionKeys.ToJson(), File.ReadAllText(Config));

    [Fact]
    public void The_file_in_the_tree_can_be_loaded()
    {
        var options = VmmConfigFile.Load(Config);

        Assert.Equal(new VmmOptions { Kernel = "emulated", Host = Path.GetFullPath("configs/hosts/q35-vtd.tar.gz") }, options);
    }

    [Fact]
    public async Task A_host_that_is_not_there_is_refused_with_file_and_key()
    {
        var config = Path.Combine(_directory.FullName, "v.json");
        File.WriteAllText(config, """{"kernel": "emulated", "host": "nowhere"}""");

        var line = (await RunningCommand.Of("serve", "--config", config)).TheOneErrorLine();

        Assert.StartsWith($"vmm: {config}: host: ", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_shows_every_key()
    {
        var help = await RunningCommand.Of("serve", "--help");

        Assert.All(VmmOptionKeys.All, key => Assert.Contains($"  {key.Name,-15} {VmmOptionKeys.Written(key)}{'\n'}      {key.Meaning}\n", help.Out, StringComparison.Ordinal));
    }

    [Fact]
    public async Task It_says_started_runs_until_it_is_stopped_and_says_stopped()
    {
        using var stop = new CancellationTokenSource();
        using var output = new WatchedWriter();
        using var error = new StringWriter();
        var console = new CliConsole(TextReader.Null, output, error, IsTerminal: false, Width: 160);

        var running = VmmCommand.RunAsync(["serve", "--config", Config, "--json"], console, stop.Token);
        var first = await Task.WhenAny(running, output.FirstLine);
        Assert.True(first == output.FirstLine, error.ToString());
        await stop.CancelAsync();
        Assert.Equal(0, await running);

        var lines = output.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
        using var started = JsonDocument.Parse(lines[0]);
        Assert.Equal("started", started.RootElement.GetProperty("event").GetString());
        Assert.Equal("emulated", started.RootElement.GetProperty("kernel").GetString());
        Assert.Equal(15, started.RootElement.GetProperty("groups").GetInt32());
        Assert.Equal(["{\"event\":\"stopped\"}"], lines[1..]);
        Assert.Contains("Everything is released", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_it_asks_of_the_kernel_is_recorded_and_replayed_with_the_same_answers()
    {
        var recording = Path.Combine(_directory.FullName, "serve.jsonl");
        using var stop = new CancellationTokenSource();
        using var output = new WatchedWriter();
        using var error = new StringWriter();
        var console = new CliConsole(TextReader.Null, output, error, IsTerminal: false, Width: 160);

        var running = VmmCommand.RunAsync(["serve", "--config", Config, "--record", recording], console, stop.Token);
        var first = await Task.WhenAny(running, output.FirstLine);
        Assert.True(first == output.FirstLine, error.ToString());
        await stop.CancelAsync();
        Assert.Equal(0, await running);

        Assert.Contains("stopped, everything is released", output.ToString(), StringComparison.Ordinal);
        var calls = await File.ReadAllLinesAsync(recording);
        Assert.Contains(calls, line => line.Contains("\"call\":\"listen\"", StringComparison.Ordinal));
        Assert.Contains(calls, line => line.Contains("\"path\":\"kernel/iommu_groups\"", StringComparison.Ordinal));
        var replay = await RunningCommand.Of("replay", recording);
        Assert.Equal((0, ""), (replay.ExitCode, replay.Error));
    }

    [Theory]
    [InlineData("{ \"kernel\": \"windows\" }", "bad.json:1: kernel: 'windows' is no kernel; write linux or emulated")]
    [InlineData("{ \"kernel\": \"linux\",\n  \"ringCapacty\": 4 }", "bad.json:2: ringCapacty: no such key; the keys are kernel, host,")]
    [InlineData("{ \"kernel\": \"linux\"", "bad.json:1: is no JSON")]
    [InlineData("{ \"kernel\": \"emulated\" }", "bad.json: host: is missing;")]
    [InlineData("{ \"kernel\": \"emulated\", \"host\": \"absent.tar.gz\" }", "absent.tar.gz")]
    public async Task A_bad_configuration_is_one_line_and_nothing_is_started(string json, string wrong)
    {
        var path = Path.Combine(_directory.FullName, "bad.json");
        await File.WriteAllTextAsync(path, json);

        var run = await RunningCommand.Of("serve", "--config", path);

        Assert.Contains(wrong, run.TheOneErrorLine(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_configuration_that_is_not_there_is_one_line()
    {
        var run = await RunningCommand.Of("serve", "--config", "no/such.json");

        Assert.Equal("vmm: no/such.json: cannot be read (no such file); give a readable file such as configs/vmm.json", run.TheOneErrorLine());
    }

    [FactWithoutVfio]
    public async Task A_host_without_vfio_ends_with_its_reason()
    {
        var path = Path.Combine(_directory.FullName, "linux.json");
        await File.WriteAllTextAsync(path, "{ \"kernel\": \"linux\" }");

        var run = await RunningCommand.Of("serve", "--config", path);

        Assert.Equal((2, ""), (run.ExitCode, run.Out));
        Assert.Contains("vmm: open on /dev/vfio/vfio: ENOENT", run.Error, StringComparison.Ordinal);
        Assert.Contains("modprobe vfio ", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sigterm_ends_the_process_with_0_after_an_orderly_release()
    {
        using var process = Process.Start(new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "vmm"), ["serve", "--config", Config])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        using var limit = new CancellationTokenSource(Limit);
        var errors = process.StandardError.ReadToEndAsync(limit.Token);
        var started = await process.StandardOutput.ReadLineAsync(limit.Token);
        Assert.StartsWith("started on the emulated kernel", started, StringComparison.Ordinal);

        using (var kill = Process.Start("kill", ["-TERM", $"{process.Id}"]))
        {
            await kill.WaitForExitAsync(limit.Token);
        }

        var rest = await process.StandardOutput.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        Assert.Equal(("stopped, everything is released", 0), (rest.Trim(), process.ExitCode));
        Assert.Contains("Everything is released", await errors, StringComparison.Ordinal);
    }

    public void Dispose() => _directory.Delete(recursive: true);

    /// <summary>Tells when the first line was written.</summary>
    private sealed class WatchedWriter : StringWriter
    {
        private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task FirstLine => _first.Task;

        public override Encoding Encoding => Encoding.UTF8;

        public override void WriteLine(string? value)
        {
            base.WriteLine(value);
            _first.TrySetResult();
        }
    }
}
