using System.Text.Json.Nodes;

namespace Vmm.Cli.Tests.Verbs;

public sealed class ReplayVerbTests : IDisposable
{
    private const string Boot = "configs/captures/q35-1g-boot-legacy.json";
    private const string Hotplug = "configs/captures/q35-1g-hotplug-legacy.json";
    private const string Conflict = "configs/captures/resv-conflict-hotplug-legacy.json";
    private const string Host = "emulated:configs/hosts/capture-host.tar.gz";

    private readonly string _directory = Directory.CreateTempSubdirectory("vmm-replay-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task All_shipped_captures_are_equal_in_one_run()
    {
        var files = Directory.GetFiles("configs/captures", "*.json");
        var run = await RunningCommand.Of(["replay", .. files]);

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Equal(files.Length, Lines(run.Out).Count(line => line.Contains(": equal, ", StringComparison.Ordinal)));
        Assert.Contains("(3 more not compared)", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_has_every_call_with_the_keys_of_a_capture()
    {
        var run = await RunningCommand.Of("replay", "--json", Conflict);

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        var lines = Lines(run.Out).Select(line => JsonNode.Parse(line)!).ToList();
        var calls = lines.Where(line => line["kind"]!.GetValue<string>() == "call").ToList();
        var captured = JsonNode.Parse(File.ReadAllText(Conflict))!["steps"]![1]!["calls"]!.AsArray();
        Assert.Equal(captured.Select(call => call!["call"]!.GetValue<string>()), calls.Select(call => call["call"]!.GetValue<string>()));
        Assert.Equal(captured.Select(call => call!["ret"]!.GetValue<long>()), calls.Select(call => call["ret"]!.GetValue<long>()));
        var map = calls.Single(call => call["call"]!.GetValue<string>() == "VFIO_IOMMU_MAP_DMA");
        Assert.Equal(
            """{"kind":"call","step":1,"call":"VFIO_IOMMU_MAP_DMA","fd":"container 1","ret":-1,"errno":22,"flags":3,"iova":"0x40000000","size":"0xc0000000","host":{"block":"mach-virt.ram","offset":"0x0"}}""",
            map.ToJsonString());
        Assert.True(lines[^1]["passed"]!.GetValue<bool>());
    }

    [Fact]
    public async Task A_difference_ends_it_with_1_and_shows_step_call_and_both_sides()
    {
        var file = Altered(Hotplug, document => document["steps"]![1]!["calls"]![3]!["ret"] = 5);
        var run = await RunningCommand.Of("replay", file, "--host", Host);

        Assert.Equal((1, ""), (run.ExitCode, run.Error));
        Assert.Contains("call 4 differs", run.Out, StringComparison.Ordinal);
        Assert.Contains("captured: VFIO_GROUP_SET_CONTAINER on group 6 = 5", run.Out, StringComparison.Ordinal);
        Assert.Contains("here:     VFIO_GROUP_SET_CONTAINER on group 6 = 0", run.Out, StringComparison.Ordinal);
        Assert.Contains("differs at steps[1], call 4", run.Out, StringComparison.Ordinal);

        var json = await RunningCommand.Of("replay", file, "--host", Host, "--json");
        Assert.Equal(1, json.ExitCode);
        Assert.Contains("\"kind\":\"difference\",\"step\":1,\"what\":\"call 4\"", json.Out, StringComparison.Ordinal);
        Assert.Contains("\"passed\":false", json.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Steady_counts_qemus_mappings_and_ours()
    {
        var run = await RunningCommand.Of("replay", "--mode", "steady", Boot);

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("QEMU: 20 maps, 14 unmaps, 4,095 MiB churn, at most 6 entries in a container", run.Out, StringComparison.Ordinal);
        Assert.Contains("unmaps, 0 MiB churn", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Steady_ends_with_1_where_a_device_is_refused_that_qemu_took()
    {
        var file = Altered(Conflict, document => document["steps"]![1]!["outcome"] = "attached");
        var run = await RunningCommand.Of("replay", file, "--host", Host, "--mode", "steady");

        Assert.Equal((1, ""), (run.ExitCode, run.Error));
        Assert.Contains("captured: attached", run.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("do", "\"detach\"", "steps[0].do: \"detach\" is no step")]
    [InlineData("space", "1", "steps[0].space: 1 is not a text")]
    public async Task A_capture_that_cannot_be_used_is_one_error(string key, string value, string error)
    {
        var file = Altered(Hotplug, document => document["steps"]![0]![key] = JsonNode.Parse(value));

        Assert.Contains($"{file}: {error}", (await RunningCommand.Of("replay", Hotplug, file)).TheOneErrorLine(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("absent.json: the file cannot be read", "absent.json")]
    [InlineData("--mode fast: is no mode; write qemu or steady", Hotplug, "--mode", "fast")]
    [InlineData("--host linux: a capture is replayed on an emulated kernel", Hotplug, "--host", "linux")]
    [InlineData("--host windows: is neither linux nor emulated:PATH", Hotplug, "--host", "windows")]
    [InlineData("absent.tar.gz: no such file or directory", Hotplug, "--host", "emulated:absent.tar.gz")]
    public async Task What_cannot_be_replayed_is_one_error(string error, params string[] arguments) =>
        Assert.Contains(error, (await RunningCommand.Of(["replay", .. arguments])).TheOneErrorLine(), StringComparison.Ordinal);

    [Fact]
    public async Task A_device_that_the_host_has_not_is_one_error()
    {
        var file = Altered(Hotplug, document => document["steps"]![1]!["device"] = "0000:77:00.0");
        var run = await RunningCommand.Of("replay", file, "--host", Host);

        Assert.Contains("altered.json: steps[1].device: the host has no device 0000:77:00.0; it has ", run.TheOneErrorLine(), StringComparison.Ordinal);
    }

    private static string[] Lines(string text) => text.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);

    private string Altered(string file, Action<JsonNode> alter)
    {
        var document = JsonNode.Parse(File.ReadAllText(file))!;
        alter(document);
        var path = Path.Combine(_directory, "altered.json");
        File.WriteAllText(path, document.ToJsonString());
        return path;
    }
}
