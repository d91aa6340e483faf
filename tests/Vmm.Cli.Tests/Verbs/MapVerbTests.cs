using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Vmm.Cli.Drawing.Svg;
using Vmm.Cli.Maps;

namespace Vmm.Cli.Tests.Verbs;

public sealed class MapVerbTests : IDisposable
{
    private const string Tour = "configs/scenarios/tour.yaml";
    private const string Boot = "configs/captures/q35-1g-boot-legacy.json";
    private const string Memory = "configs/memory-maps/q35-1t.txt";

    private readonly string _directory = Directory.CreateTempSubdirectory("vmm-map-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task A_scenario_is_a_picture_a_step()
    {
        var run = await RunningCommand.Of("map", Tour);

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("+ mapped 1 GiB (dimm1)", run.Out, StringComparison.Ordinal);
        Assert.Contains("the picture is as before", run.Out, StringComparison.Ordinal);
        Assert.Contains("msi of group 7, group 9", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_step_can_be_drawn()
    {
        var run = await RunningCommand.Of("map", Tour, "--step", "12");

        Assert.Equal(0, run.ExitCode);
        Assert.Contains("  12  commit shadow", run.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("attach 0000:00:0a.0 (", run.Out, StringComparison.Ordinal);
        Assert.Contains("~ mapped in another way", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_capture_is_replayed_on_the_host_beside_it()
    {
        var run = await RunningCommand.Of("map", Boot);

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("attach 0000:00:05.0 to memory", run.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("↻", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refusal_that_the_capture_tells_of_is_drawn_and_is_no_difference()
    {
        var run = await RunningCommand.Of("map", "configs/captures/resv-conflict-hotplug-legacy.json");

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("refused: ", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_device_that_the_capture_attaches_and_the_host_does_not_is_a_difference()
    {
        var capture = Path.Combine(_directory, "told-otherwise.json");
        var document = JsonNode.Parse(await File.ReadAllTextAsync("configs/captures/resv-conflict-hotplug-legacy.json"))!;
        document["steps"]!.AsArray().Single(step => step!["do"]!.GetValue<string>() == "attach")!["outcome"] = "attached";
        await File.WriteAllTextAsync(capture, document.ToJsonString());
        var run = await RunningCommand.Of("map", capture, "--host", "emulated:configs/hosts/capture-host.tar.gz");

        Assert.Equal((1, ""), (run.ExitCode, run.Error));
    }

    [Fact]
    public async Task A_memory_map_is_attached_to_the_devices_of_a_captured_host()
    {
        var run = await RunningCommand.Of("map", Memory, "--host", RunningCommand.Host, "--device", "0000:01:00.0");

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("1,122 entries", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_memory_map_that_a_hole_lies_in_is_drawn_and_refused()
    {
        string[] command = ["map", "configs/memory-maps/virt-arm64-8g.txt", "--host", "emulated:configs/hosts/capture-host.tar.gz"];
        var attached = await RunningCommand.Of([.. command, "--device", "0000:01:00.0"]);
        var planned = await RunningCommand.Of(command);

        Assert.Equal((1, ""), (attached.ExitCode, attached.Error));
        Assert.Contains("refused:", attached.Out, StringComparison.Ordinal);
        Assert.Equal((0, ""), (planned.ExitCode, planned.Error));
        Assert.Contains("a reserved region lies in guest RAM: an attach would be refused", planned.Out, StringComparison.Ordinal);
        Assert.Matches("conflict: 0xfee00000-0xfeefffff msi of group 0, (group [1-5], )+group 6 lies in mach-virt.ram", planned.Out);
    }

    [Fact]
    public async Task A_bar_in_a_hole_is_left_out_of_the_picture_of_a_memory_map_and_no_conflict()
    {
        var map = Path.Combine(_directory, "bar.txt");
        await File.WriteAllTextAsync(map, """
            FlatView #0
             AS "memory", root: system
             Root memory region: system
              0000000000000000-000000003fffffff (prio 0, ram): pc.ram
              00000000fee00000-00000000fee0ffff (prio 0, ramd): peer BAR 0
            """);

        var run = await RunningCommand.Of("map", map, "--host", RunningCommand.Host, "--json");

        using var step = JsonDocument.Parse(run.Out);
        var plan = step.RootElement.GetProperty("spaces")[0].GetProperty("containers")[0];
        Assert.Equal("no reserved region lies in guest RAM", step.RootElement.GetProperty("happened").GetString());
        Assert.Equal("pc.ram", Assert.Single(plan.GetProperty("mapped").EnumerateArray()).GetProperty("name").GetString());
        Assert.Equal("peer BAR 0", Assert.Single(plan.GetProperty("skipped").EnumerateArray()).GetProperty("name").GetString());
    }

    [Fact]
    public async Task Svg_is_one_file_that_replaces_what_was_there()
    {
        var path = Path.Combine(_directory, "tour.svg");
        await File.WriteAllTextAsync(path, "old");

        var run = await RunningCommand.Of("map", Tour, "--svg", path);

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("18 steps", run.Out, StringComparison.Ordinal);
        Assert.Equal("svg", XDocument.Load(path).Root!.Name.LocalName);
        Assert.Equal([path], Directory.GetFiles(_directory));
    }

    [Fact]
    public async Task A_file_that_cannot_be_written_is_one_line_and_leaves_nothing()
    {
        var line = (await RunningCommand.Of("map", Tour, "--svg", Path.Combine(_directory, "no", "such.svg"))).TheOneErrorLine();

        Assert.Contains("such.svg: cannot be written:", line, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_directory));
    }

    [Fact]
    public async Task A_directory_in_the_place_of_the_file_stays()
    {
        var line = (await RunningCommand.Of("map", Tour, "--svg", _directory)).TheOneErrorLine();

        Assert.Contains("cannot be written:", line, StringComparison.Ordinal);
        Assert.DoesNotContain(Directory.GetFiles(Path.GetDirectoryName(_directory)!), file => file.StartsWith($"{_directory}.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Json_is_a_document_a_step()
    {
        var run = await RunningCommand.Of("map", Tour, "--json");

        var steps = run.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal(18, steps.Count);
        var container = steps[0].GetProperty("spaces")[0].GetProperty("containers")[0];
        Assert.Equal("0xc0000", container.GetProperty("mapped").EnumerateArray().First(mapping => mapping.GetProperty("access").GetString() == "ro").GetProperty("start").GetString());
        Assert.Equal("msi", container.GetProperty("reserved")[0].GetProperty("kind").GetString());
    }

    [Theory]
    [InlineData("--step 99: there is none; there are 1 to 18", Tour, "--step", "99")]
    [InlineData("--space other: there is none; there is memory", Tour, "--space", "other")]
    [InlineData("--host: a scenario names its own host", Tour, "--host", "linux")]
    [InlineData("--device: a scenario or a capture attaches", Boot, "--device", "0000:01:00.0")]
    [InlineData("--seed: only scenarios", Boot, "--seed", "1")]
    [InlineData("--host: a memory map needs a host", Memory)]
    [InlineData("the host has no such device", Memory, "--host", RunningCommand.Host, "--device", "0000:77:00.0")]
    [InlineData("--json stands beside --svg", Tour, "--json", "--svg", "x.svg")]
    [InlineData("configs: it is a directory", "configs")]
    [InlineData("is neither scenario nor capture nor memory map", "configs/hosts/q35-vtd.tar.gz")]
    [InlineData("nowhere.yaml", "nowhere.yaml")]
    public async Task What_cannot_be_used_is_one_line(string expected, params string[] arguments)
    {
        var run = await RunningCommand.Of(["map", .. arguments]);
        Assert.Contains(expected, run.TheOneErrorLine(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_picture_of_the_documentation_is_current()
    {
        var page = SvgPage.Of(MapSource.Read(new MapRequest(Tour)).Only(space: null, step: "12")).Text;
        var path = RepositoryRoot.PathOf("docs", "map.svg");
        if (Environment.GetEnvironmentVariable("VMM_WRITE") == "1")
        {
            File.WriteAllText(path, page);
        }

        Assert.True(File.Exists(path) && File.ReadAllText(path) == page, "docs/map.svg is not what vmm map draws: VMM_WRITE=1 dotnet test tests/Vmm.Cli.Tests writes it; look at it, then commit it.");
    }
}
