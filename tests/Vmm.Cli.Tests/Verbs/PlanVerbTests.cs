using System.Text.Json;

namespace Vmm.Cli.Tests.Verbs;

public sealed class PlanVerbTests : IDisposable
{
    private const string Nic = "0000:01:00.0";
    private const string Nvme = "0000:00:05.0";
    private const string Mediated = "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001";
    private const string OneWindow = "0x0-0xfedfffff";

    private readonly string _directory = Directory.CreateTempSubdirectory("vmm-plan-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    [Trait("Requirement", "R1.6")]
    [Trait("Requirement", "R1.8")]
    [Trait("Requirement", "R2.13")]
    public async Task Ram_over_the_interrupt_window_is_refused_with_range_kind_group_region_and_cure()
    {
        var run = await Plan("capture-host", "virt-arm64-3g", Nic);

        Assert.Equal((1, ""), (run.ExitCode, run.Error));
        Assert.StartsWith($"{Nic} of group 6: refused", run.Out, StringComparison.Ordinal);
        var line = Assert.Single(LinesBelow(run, "Conflicts:"));
        Assert.StartsWith(
            "mach-virt.ram at 0x40000000-0xffffffff lies in 0xfee00000-0xfeefffff, which is reserved (msi) by group 6; lay out guest memory so that it ends at 0xfedfffff",
            line,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_path_to_ask_by_wants_the_question()
    {
        Assert.Contains("without --probe nothing is opened", (await Plan("q35-vtd", "q35-8g", Nic, "--backend", "iommufd")).TheOneErrorLine(), StringComparison.Ordinal);
        Assert.Contains("Argument 'vfio' not recognized", (await Plan("q35-vtd", "q35-8g", Nic, "--probe", "--backend", "vfio")).TheOneErrorLine(), StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Requirement", "R1.4")]
    public async Task A_refusal_shows_what_carving_would_cost_and_what_the_hole_costs()
    {
        var run = await Plan("capture-host", "virt-arm64-3g", Nic);

        // Of three pages of 1 GiB the third becomes 511 of 2 MiB beside the hole, and 256 of 4 KiB in the half of 2 MiB that it leaves.
        Assert.Equal(["mach-virt.ram at 0x40000000-0xffffffff: largest 1 GiB -> 1 GiB, page-table entries 3 -> 769"], LinesBelow(run, "Page sizes of RAM"));
        Assert.Equal(["0xfee00000-0xfeefffff in mach-virt.ram: 1 GiB page -> 2 MiB, +766 page-table entries"], LinesBelow(run, "What each hole costs:"));
    }

    [Fact]
    [Trait("Requirement", "R1.4")]
    public async Task A_hole_of_a_page_costs_the_gigabyte_around_it()
    {
        var run = await Plan("q35-vtd", "q35-8g", Nic, "--hole", "0x140000000-0x140000fff");

        Assert.Equal(0, run.ExitCode);
        Assert.Equal(["0x140000000-0x140000fff in pc.ram: 1 GiB page -> 2 MiB, +1021 page-table entries"], LinesBelow(run, "What each hole costs:"));
    }

    [Fact]
    [Trait("Requirement", "R1.5")]
    public async Task A_layout_that_fits_is_proposed_with_words_for_qemu()
    {
        var lines = LinesBelow(await Plan("capture-host", "virt-arm64-3g", Nic), "A layout that fits:");

        Assert.Equal("mach-virt.ram from 0xc0000000-0xffffffff to 0x100000000-0x13fffffff (1 GiB)", lines[0]);
        Assert.Contains("-m 2G", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Requirement", "R1.7")]
    public async Task The_interrupt_window_is_everywhere_and_the_range_of_one_domain_is_not()
    {
        var global = await Plan("capture-host", "virt-arm64-3g", Nic);
        var own = await RunningCommand.Of("plan", "--host", "emulated:configs/hosts/q35-amdvi.tar.gz", "--memory", Map(0xfc_0000_0000, 0xff_ffff_ffff), "--device", Nic);

        Assert.EndsWith("(reserved in every group of this host)", Assert.Single(LinesBelow(global, "Conflicts:")), StringComparison.Ordinal);
        Assert.Contains("0xfd00000000-0xffffffffff, which is reserved (reserved) by group 6", Assert.Single(LinesBelow(own, "Conflicts:")), StringComparison.Ordinal);
        Assert.Equal([OneWindow, "0xfef00000-0xfcffffffff", "0x10000000000-0xffffffffffffffff"], LinesBelow(own, "The group can map:"));
    }

    [Theory]
    [InlineData("q35-vtd", "q35-8g", Nic, 0, "of group 9: gets a new container")]
    [InlineData("q35-vtd", "q35-1t", Nic, 0, "1122 needed, 64413 of 65535 left")]
    [InlineData("q35-amdvi", "q35-1t", Nic, 0, "0x10000000000-0xffffffffffffffff")]
    [InlineData("q35-amdvi", "pc-2g", Nvme, 0, "gets a new container")]
    [InlineData("rmrr", "q35-8g", "0000:00:06.0", 0, "gets a new container")]
    [InlineData("rmrr", "q35-8g", Nvme, 1, "mapped 1:1 (direct) for group 2; switch off")]
    [InlineData("q35-vtd", "q35-8g", Nvme, 1, "group 2 is not viable: 0000:00:05.0 is bound to nvme. Please ensure all devices within the iommu_group are bound")]
    [InlineData("q35-vtd", "q35-8g", "0000:00:1f.2", 1, "group 8 is not viable: 0000:00:1f.3 is bound to i801_smbus")]
    [InlineData("capture-host", "riscv-virt-4g", Nic, 1, "reserved (msi) by group 6")]
    [InlineData("capture-host", "pseries-4g", Nic, 1, "ppc_spapr.ram")]
    [InlineData("capture-host", "virt-arm64-3g", Mediated, 0, "gets a new container")]
    [InlineData("capture-host", "microvm-1g", Nic, 0, "bind 0000:01:00.0 to vfio-pci first: it has no driver")]
    public async Task Exit_code_and_words_tell_the_verdict(string host, string map, string device, int exitCode, string words)
    {
        var run = await Plan(host, map, device);

        Assert.Equal((exitCode, ""), (run.ExitCode, run.Error));
        Assert.Contains(words, run.Out, StringComparison.Ordinal);
        Assert.Equal(exitCode == 1, run.Out.Split('\n')[0].EndsWith("refused", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("capture-host", "virt-arm64-3g", Nic)]
    [InlineData("capture-host", "virt-arm64-8g", Nic)]
    [InlineData("capture-host", "pc-2g", Nic)]
    [InlineData("q35-amdvi", "riscv-virt-4g", Nic)]
    [InlineData("q35-vtd", "q35-virtio-mem", Nic)]
    [InlineData("rmrr", "q35-8g", "0000:00:06.0")]
    public async Task A_plan_says_what_the_emulated_kernel_then_does(string host, string map, string device)
    {
        var planned = await Plan(host, map, device);
        var attached = await RunningCommand.Of("map", $"configs/memory-maps/{map}.txt", "--host", $"emulated:configs/hosts/{host}.tar.gz", "--device", device, "--json");

        Assert.Equal(attached.ExitCode, planned.ExitCode);
        using var step = JsonDocument.Parse(attached.Out);
        Assert.StartsWith(planned.ExitCode == 0 ? "attached" : "refused", step.RootElement.GetProperty("happened").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("capture-host", "virt-arm64-3g", Nic)]
    [InlineData("q35-vtd", "q35-8g", Nic)]
    [InlineData("rmrr", "q35-8g", Nvme)]
    public async Task Json_has_the_same_verdict_windows_and_entries(string host, string map, string device)
    {
        var text = await Plan(host, map, device);
        var json = await Plan(host, map, device, "--json");

        Assert.Equal((text.ExitCode, ""), (json.ExitCode, json.Error));
        using var document = JsonDocument.Parse(json.Out);
        var root = document.RootElement;
        Assert.Equal(text.ExitCode == 1 ? "refused" : "new-container", root.GetProperty("verdict").GetString());
        Assert.Equal(LinesBelow(text, text.ExitCode == 1 ? "The group can map:" : "Windows after:"), root.GetProperty("windows").EnumerateArray().Select(RangeOf));
        var entries = root.GetProperty("entries");
        Assert.Equal($"{entries.GetProperty("needed")} needed, {entries.GetProperty("left")} of {entries.GetProperty("limit")} left", Assert.Single(LinesBelow(text, "Mappings:")));
        var reasons = root.GetProperty("reasons").EnumerateArray().Select(reason => reason.GetString()!).ToList();
        Assert.Equal(text.ExitCode == 1, reasons.Count > 0);
        Assert.All(LinesBelow(text, "Why not:"), line => Assert.Contains(line, reasons));
        Assert.Equal(LinesBelow(text, "Conflicts:").Count, root.GetProperty("conflicts").GetArrayLength());
    }

    [Fact]
    public async Task A_conflict_in_json_has_every_part_by_itself()
    {
        using var document = JsonDocument.Parse((await Plan("capture-host", "virt-arm64-3g", Nic, "--json")).Out);

        var conflict = Assert.Single(document.RootElement.GetProperty("conflicts").EnumerateArray());
        Assert.Equal(
            ("mach-virt.ram", "0x40000000-0xffffffff", "0xfee00000-0xfeefffff", "msi", "group 6", true, false),
            (Text(conflict, "region"), RangeOf(conflict.GetProperty("guestRange")), RangeOf(conflict.GetProperty("range")), Text(conflict, "kind"), Text(conflict, "owner"),
                conflict.GetProperty("inEveryGroup").GetBoolean(), conflict.GetProperty("skippable").GetBoolean()));
        Assert.Equal("EINVAL", Text(document.RootElement, "errno")![..6]);
    }

    [Fact]
    public async Task A_bar_in_the_interrupt_window_is_left_out_and_no_reason_to_refuse()
    {
        var run = await RunningCommand.Of("plan", "--host", RunningCommand.Host, "--device", Nic, "--memory", Map(0, 0x7fff_ffff, "  00000000fee00000-00000000fee0ffff (prio 0, ramd): peer BAR 0"));

        Assert.Equal(0, run.ExitCode);
        Assert.StartsWith("peer BAR 0 at 0xfee00000-0xfee0ffff", Assert.Single(LinesBelow(run, "Left out")), StringComparison.Ordinal);
        Assert.Empty(LinesBelow(run, "Conflicts:"));
    }

    [Fact]
    public async Task Thousands_of_sections_are_counted_and_those_with_a_hole_are_told_first()
    {
        var map = Map(0xfe00_0000, 0xffff_ffff, [.. Enumerable.Range(0, 10_000).Select(n => $"  {0x1_0000_0000UL + ((ulong)n * 0x2000):x16}-{0x1_0000_0fffUL + ((ulong)n * 0x2000):x16} (prio 0, ram): page{n % 7} @{n * 0x1000:x16}")]);

        var run = await RunningCommand.Of("plan", "--host", RunningCommand.Host, "--memory", map, "--device", Nic);

        var costs = LinesBelow(run, "Page sizes of RAM");
        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith("pc.ram at 0xfe000000-0xffffffff: largest 2 MiB -> 2 MiB", costs[0], StringComparison.Ordinal);
        Assert.Equal((41, "… and 9,961 more; --json has them all"), (costs.Count, costs[^1]));
    }

    [Fact]
    public async Task A_device_comes_to_the_container_of_one_that_is_there()
    {
        var run = await Plan("q35-vtd", "q35-8g", Nic, "--with", "0000:00:06.0");

        Assert.Equal(0, run.ExitCode);
        Assert.StartsWith($"{Nic} of group 9: shares container 1", run.Out, StringComparison.Ordinal);
        Assert.Equal(["106 in the container as before, 65429 of 65535 left"], LinesBelow(run, "Mappings:"));
    }

    [Fact]
    public async Task A_device_that_is_said_to_be_there_counts_as_bound_and_the_plan_says_what_that_takes()
    {
        var run = await Plan("q35-vtd", "q35-8g", "0000:00:1f.2", "--with", "0000:00:1f.3", Nvme);

        Assert.Equal(0, run.ExitCode);
        Assert.Equal(
            [
                "bind 0000:00:1f.3 to vfio-pci first: it has the driver i801_smbus", "bind 0000:00:05.0 to vfio-pci first: it has the driver nvme",
                "bind 0000:00:1f.2 to vfio-pci first: it has no driver",
            ],
            LinesBelow(run, "On condition:"));
    }

    [Fact]
    public async Task What_was_mapped_for_a_mediated_device_alone_stands_in_the_way_of_a_real_one()
    {
        var run = await Plan("q35-vtd", "virt-arm64-3g", Nic, "--with", Mediated);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("mapped for mediated devices alone and tested by nothing", Assert.Single(LinesBelow(run, "Containers that do not take it:")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rmrr", Nvme, "--with 0000:00:05.0: it would be refused itself: group 2 cannot be assigned")]
    [InlineData("q35-amdvi", "0000:00:02.0", "--with 0000:00:02.0: no IOMMU group holds it")]
    public async Task A_device_that_cannot_be_there_is_a_refusal(string host, string with, string words)
    {
        var run = await Plan(host, "q35-8g", Nic, "--with", with);

        Assert.Equal((1, ""), (run.ExitCode, run.Out));
        Assert.Contains(words, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_device_without_a_group_is_refused_with_a_cure()
    {
        var run = await Plan("q35-amdvi", "q35-8g", "0000:00:02.0");

        Assert.Equal((1, ""), (run.ExitCode, run.Out));
        Assert.StartsWith("vmm: --device 0000:00:02.0: no IOMMU group holds it, so it cannot be given to a VM; turn the IOMMU on", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--device 0000:77:00.0: the host has no such device; did you mean 0000:07:00.0?", "0000:77:00.0")]
    [InlineData("--device nic: the host has no such device; vmm topology lists those there are", "nic")]
    [InlineData("--with 0000:77:00.0: the host has no such device", Nic, "--with", "0000:77:00.0")]
    [InlineData("--with 0000:01:00.0: is named twice", Nic, "--with", Nic)]
    [InlineData("--hole 10-20: is no range; write START-LAST in hex", Nic, "--hole", "10-20")]
    [InlineData("--hole 0x20-0x10: is no range", Nic, "--hole", "0x20-0x10")]
    [InlineData("no address space \"other\"; there are", Nic, "--space", "other")]
    [InlineData("--step 1: configs/memory-maps/q35-8g.txt is no capture", Nic, "--step", "1")]
    [InlineData("--step x: is no step", Nic, "--step", "x")]
    public async Task An_option_that_cannot_be_used_is_one_line(string words, string device, params string[] more) =>
        Assert.Contains(words, (await Plan("q35-vtd", "q35-8g", device, more)).TheOneErrorLine(), StringComparison.Ordinal);

    [Theory]
    [InlineData("no/such.txt", "no/such.txt: cannot be read")]
    [InlineData("configs", "--memory configs: is a directory; name what 'info mtree -f' printed")]
    [InlineData("", "the path is empty")]
    [InlineData("configs/hosts/q35-vtd.tar.gz", "configs/hosts/q35-vtd.tar.gz:1: ")]
    [InlineData("configs/vmm.json", "configs/vmm.json: it is no JSON")]
    public async Task A_memory_file_that_cannot_be_used_is_one_line(string memory, string words)
    {
        var run = await RunningCommand.Of("plan", "--host", RunningCommand.Host, "--memory", memory, "--device", Nic);
        Assert.Contains(words, run.TheOneErrorLine(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_malformed_memory_file_is_one_line_with_its_line()
    {
        var map = Map(0, 0x7fff_ffff, "  0000000100000000-00000000zzzzzzzz (prio 0, ram): pc.ram");
        var line = (await RunningCommand.Of("plan", "--host", RunningCommand.Host, "--memory", map, "--device", Nic)).TheOneErrorLine();

        Assert.Contains($"{map}:5:", line, StringComparison.Ordinal);
    }

    private static Task<RunningCommand> Plan(string host, string map, string device, params string[] more) =>
        RunningCommand.Of(["plan", "--host", $"emulated:configs/hosts/{host}.tar.gz", "--memory", $"configs/memory-maps/{map}.txt", "--device", device, .. more]);

    /// <summary>The lines below a title, without their indentation; none where the title is not there.</summary>
    private static List<string> LinesBelow(RunningCommand run, string title) =>
    [
        .. run.Out.Split('\n')
            .SkipWhile(line => !line.StartsWith(title, StringComparison.Ordinal))
            .Skip(1)
            .TakeWhile(line => line.StartsWith("  ", StringComparison.Ordinal))
            .Select(line => line.Trim()),
    ];

    private static string? Text(JsonElement element, string property) => element.GetProperty(property).GetString();

    private static string RangeOf(JsonElement range) => $"{Text(range, "start")}-{Text(range, "last")}";

    /// <summary>A memory map of one piece of RAM, and lines as given.</summary>
    private string Map(ulong start, ulong last, params string[] more)
    {
        var path = Path.Combine(_directory, "map.txt");
        File.WriteAllLines(path, ["FlatView #0", " AS \"memory\", root: system", " Root memory region: system", $"  {start:x16}-{last:x16} (prio 0, ram): pc.ram", .. more]);
        return path;
    }
}
