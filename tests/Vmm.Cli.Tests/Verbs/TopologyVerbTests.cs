using System.Text.Json;

namespace Vmm.Cli.Tests.Verbs;

public sealed class TopologyVerbTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("vmm-cli-");

    public static TheoryData<string> Hosts => [.. Directory.EnumerateFiles("configs/hosts", "*.tar.gz").Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Hosts))]
    public async Task Every_captured_host_is_shown_in_both_forms(string path)
    {
        var text = await RunningCommand.Of("topology", "--host", $"emulated:{path}");
        var json = await RunningCommand.Of("topology", "--host", $"emulated:{path}", "--json");

        Assert.Equal((0, ""), (text.ExitCode, text.Error));
        Assert.Equal((0, ""), (json.ExitCode, json.Error));
        using var document = JsonDocument.Parse(json.Out);
        Assert.Equal($"emulated:{path}", document.RootElement.GetProperty("host").GetString());
        Assert.Empty(document.RootElement.GetProperty("problems").EnumerateArray());
        foreach (var device in Groups(document).SelectMany(group => group.GetProperty("devices").EnumerateArray()))
        {
            Assert.Contains(device.GetProperty("name").GetString()!, text.Out, StringComparison.Ordinal);
        }
    }

    [Fact]
    [Trait("Requirement", "R1.8")]
    [Trait("Requirement", "R1.12")]
    public async Task A_group_has_its_devices_drivers_and_reserved_regions_with_owner()
    {
        using var document = await Json("q35-vtd");
        var group = Group(document, 8);

        Assert.Equal(
            [("0000:00:1f.0", "ISA bridge", null), ("0000:00:1f.2", "SATA controller", null), ("0000:00:1f.3", "SMBus", "i801_smbus")],
            group.GetProperty("devices").EnumerateArray().Select(device => (Text(device, "name"), Text(device, "className"), Text(device, "driver"))));
        var region = Assert.Single(group.GetProperty("reserved").GetProperty("regions").EnumerateArray());
        Assert.Equal(("msi", "0xfee00000", "0xfeefffff"), (Text(region, "kind"), Text(region, "start"), Text(region, "last")));
        Assert.NotEqual("", Text(region, "owner"));
        Assert.True(group.GetProperty("reserved").GetProperty("known").GetBoolean());
    }

    [Fact]
    public async Task A_group_that_is_not_viable_names_device_and_driver()
    {
        var text = await RunningCommand.Of("topology", "--host", RunningCommand.Host);
        using var document = await Json("q35-vtd");

        const string Why = "group 2 is not viable: 0000:00:05.0 is bound to nvme. Please ensure all devices within the iommu_group are bound to their vfio bus driver.";
        Assert.Contains(Why, text.Out, StringComparison.Ordinal);
        Assert.Equal(("not-viable", Why), (Text(Group(document, 2), "verdict"), Text(Group(document, 2), "why")));
    }

    [Fact]
    public async Task A_group_with_a_device_on_vfio_is_ready()
    {
        using var document = await Json("q35-vtd");

        Assert.Equal(("ready", null), (Text(Group(document, 14), "verdict"), Text(Group(document, 14), "why")));
    }

    [Fact]
    public async Task A_direct_region_makes_its_group_unusable_and_a_relaxable_one_does_not()
    {
        var text = await RunningCommand.Of("topology", "--host", "emulated:configs/hosts/rmrr.tar.gz");
        using var document = await Json("rmrr");

        Assert.Equal("unusable", Text(Group(document, 2), "verdict"));
        Assert.Contains("group 2 cannot be assigned: firmware needs 0x", text.Out, StringComparison.Ordinal);
        Assert.Contains("direct-relaxable", text.Out, StringComparison.Ordinal);
        Assert.NotEqual("unusable", Text(Group(document, 3), "verdict"));
    }

    [Fact]
    public async Task A_device_without_a_group_is_listed_apart()
    {
        using var document = await Json("q35-amdvi");

        Assert.NotEmpty(document.RootElement.GetProperty("ungrouped").EnumerateArray());
    }

    [Fact]
    [Trait("Requirement", "R0.22")]
    public async Task Routing_hazards_stand_apart_from_reserved_regions()
    {
        using var document = await Json("q35-vtd");
        var hazards = Group(document, 7).GetProperty("routingHazards").EnumerateArray().ToList();

        Assert.NotEmpty(hazards);
        Assert.Single(Group(document, 7).GetProperty("reserved").GetProperty("regions").EnumerateArray());
    }

    [Fact]
    public async Task A_host_that_is_not_there_is_one_line()
    {
        var run = await RunningCommand.Of("topology", "--host", "emulated:no/such.tar.gz");

        Assert.Contains("no/such.tar.gz", run.TheOneErrorLine(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    [InlineData(3000)]
    public async Task A_truncated_capture_is_one_line_that_names_the_file(int length)
    {
        var path = Path.Combine(_directory.FullName, "cut.tar.gz");
        await File.WriteAllBytesAsync(path, (await File.ReadAllBytesAsync("configs/hosts/q35-vtd.tar.gz"))[..length]);

        var run = await RunningCommand.Of("topology", "--host", $"emulated:{path}", "--json");

        Assert.Contains("cut.tar.gz", run.TheOneErrorLine(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_that_is_no_host_is_one_line()
    {
        var run = await RunningCommand.Of("topology", "--host", "windows");

        Assert.Contains("is neither linux nor emulated:PATH", run.TheOneErrorLine(), StringComparison.Ordinal);
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private static async Task<JsonDocument> Json(string host)
    {
        var run = await RunningCommand.Of("topology", "--json", "--host", $"emulated:configs/hosts/{host}.tar.gz");
        return JsonDocument.Parse(run.Out);
    }

    private static List<JsonElement> Groups(JsonDocument document) => [.. document.RootElement.GetProperty("groups").EnumerateArray()];

    private static JsonElement Group(JsonDocument document, int number) => Groups(document).Single(group => group.GetProperty("number").GetInt32() == number);

    private static string? Text(JsonElement element, string property) => element.GetProperty(property).GetString();
}
