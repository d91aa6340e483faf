using Vmm.Iommu.Kernel;
using Vmm.Iommu.Topology;

namespace Vmm.Iommu.Tests.Topology;

public sealed class BrokenSysfsTests : IDisposable
{
    private const string Device = "devices/pci0000:00/0000:00:05.0";
    private readonly TemporaryDirectory _sys = new();

    public BrokenSysfsTests()
    {
        _sys.Write($"{Device}/class", "0x010802\n");
        _sys.Write($"{Device}/vendor", "0x1b36\n");
        _sys.Write($"{Device}/device", "0x0010\n");
        _sys.Write($"{Device}/resource", "0x00000000fe000000 0x00000000fe003fff 0x0000000000140204\n");
        _sys.Link($"{Device}/iommu_group", "../../../kernel/iommu_groups/2");
        _sys.Link("bus/pci/devices/0000:00:05.0", $"../../../{Device}");
        _sys.Link("kernel/iommu_groups/2/devices/0000:00:05.0", $"../../../../{Device}");
        _sys.Write("kernel/iommu_groups/2/type", "DMA\n");
        _sys.Write("kernel/iommu_groups/2/reserved_regions", "0x00000000fee00000 0x00000000feefffff msi\n");
    }

    public void Dispose() => _sys.Dispose();

    [Fact]
    public void A_sound_tree_has_no_problem() => Assert.Empty(Read().Problems);

    [Theory]
    [Trait("Requirement", "R1.17")]
    [InlineData("0xfee00000 0xfeefffff msi\n0x2000 0x1fff reserved\n", ":2: the region starts at 0x2000, above its last byte 0x1fff; ")]
    [InlineData("0x0 0x10000000000000000 reserved\n", ":1: \"0x10000000000000000\" is past 2^64; ")]
    [InlineData("0x0 0xfff sacred\n", ":1: \"sacred\" is no type of a reserved region; ")]
    [InlineData("0x0 0xfff\n", ":1: \"0x0 0xfff\" has 2 fields, not 3; ")]
    [InlineData("fee00000 0xfeefffff msi\n", ":1: \"fee00000\" is no number with 0x in front; ")]
    [InlineData("0xfee0", ":1: \"0xfee0\" has 1 fields, not 3; ")]
    public void A_wrong_line_of_reserved_regions_names_its_place_and_makes_the_regions_unknown(string text, string words)
    {
        _sys.Write("kernel/iommu_groups/2/reserved_regions", text);

        var host = Read();

        var problem = Assert.Single(host.Problems).ToString();
        Assert.StartsWith("kernel/iommu_groups/2/reserved_regions" + words, problem, StringComparison.Ordinal);
        Assert.False(host.Groups[0].Reserved.IsKnown);
    }

    [Fact]
    [Trait("Requirement", "R1.17")]
    public void A_missing_reserved_regions_file_is_unknown_and_not_none()
    {
        File.Delete(_sys.At("kernel/iommu_groups/2/reserved_regions"));

        var host = Read();

        Assert.Equal("kernel/iommu_groups/2/reserved_regions", Assert.Single(host.Problems).Path);
        Assert.False(host.Groups[0].Reserved.IsKnown);
        Assert.Empty(host.Groups[0].Reserved.Regions);
    }

    [Fact]
    [Trait("Requirement", "R1.13")]
    public void Links_that_lead_nowhere_or_in_circles_are_problems_and_the_rest_is_read()
    {
        _sys.Link("bus/pci/devices/0000:00:06.0", "../../../devices/pci0000:00/0000:00:06.0");
        _sys.Link("bus/pci/devices/0000:00:07.0", "0000:00:07.0");
        _sys.Link("kernel/iommu_groups/2/devices/0000:00:08.0", "../../../../devices/gone/0000:00:08.0");

        var host = Read();

        Assert.Equal(["0000:00:05.0"], host.Devices.Select(device => device.Name));
        Assert.Equal(
            ["bus/pci/devices/0000:00:06.0", "bus/pci/devices/0000:00:07.0", "kernel/iommu_groups/2/devices/0000:00:08.0"],
            host.Problems.Select(problem => problem.Path));
    }

    [Fact]
    public void A_name_on_the_pci_bus_that_is_no_address_is_a_problem()
    {
        _sys.Link("bus/pci/devices/0000:00:05.9", $"../../../{Device}");

        Assert.Contains("is no PCI address", Assert.Single(Read().Problems).Wrong, StringComparison.Ordinal);
    }

    [Fact]
    public void A_group_that_does_not_list_its_device_is_a_problem()
    {
        File.Delete(_sys.At("kernel/iommu_groups/2/devices/0000:00:05.0"));

        Assert.Contains("leads to group 2, which does not list the device", Assert.Single(Read().Problems).Wrong, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Requirement", "R1.14")]
    [Trait("Requirement", "R1.16")]
    public void Devices_of_every_bus_are_read_by_one_scheme_and_those_without_a_group_are_left_out()
    {
        foreach (var bus in new[] { "platform", "amba", "cdx", "fsl-mc", "ap", "ccw" })
        {
            _sys.Write($"devices/platform/{bus}-1/uevent", string.Empty);
            _sys.Link($"devices/platform/{bus}-1/iommu_group", "../../../kernel/iommu_groups/3");
            _sys.Link($"devices/platform/{bus}-1/driver", $"../../../bus/{bus}/drivers/vfio-{bus}");
            _sys.Link($"bus/{bus}/devices/{bus}-1", $"../../../devices/platform/{bus}-1");
            _sys.Link($"kernel/iommu_groups/3/devices/{bus}-1", $"../../../../devices/platform/{bus}-1");
        }

        _sys.Write("devices/system/cpu/cpu0/uevent", string.Empty);
        _sys.Link("bus/cpu/devices/cpu0", "../../../devices/system/cpu/cpu0");
        _sys.Write("kernel/iommu_groups/3/reserved_regions", string.Empty);

        var host = Read();

        Assert.Empty(host.Problems);
        Assert.Equal(["amba", "ap", "ccw", "cdx", "fsl-mc", "platform"], host.DevicesOf(new IommuGroupId(3)).Select(device => device.Bus));
        Assert.DoesNotContain(host.Devices, device => device.Name == "cpu0");
        Assert.True(GroupViability.Of(host, new IommuGroupId(3)).IsViable);
    }

    [Fact]
    public void A_member_that_no_bus_lists_is_read_through_its_group_under_its_own_name()
    {
        _sys.Write("devices/odd/thing/uevent", string.Empty);
        _sys.Link("devices/odd/thing/subsystem", "../../../bus/odd");
        _sys.Link("devices/odd/thing/iommu_group", "../../../kernel/iommu_groups/2");
        _sys.Link("kernel/iommu_groups/2/devices/thing", "../../../../devices/odd/thing");

        Assert.True(Read().TryGetDevice("thing", out var thing));
        Assert.Equal("odd", thing.Bus);
    }

    [Fact]
    public void An_empty_directory_is_no_sysfs_and_says_so_twice()
    {
        using var empty = new TemporaryDirectory();

        var host = new SysfsTopologyReader(new DirectorySysfs(empty.Path)).Read(1);

        Assert.Equal(["bus", "kernel/iommu_groups"], host.Problems.Select(problem => problem.Path));
    }

    private HostTopology Read() => new SysfsTopologyReader(new DirectorySysfs(_sys.Path)).Read(1);
}
