using System.Formats.Tar;
using System.IO.Compression;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.Reserved;
using Vmm.Testing.Emulation;

namespace Vmm.Testing.Tests.Emulation;

public sealed class HostLoadingTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("vmm-host-");

    public static TheoryData<string, int, int> Hosts => new()
    {
        { "capture-host", 8, 10 },
        { "q35-amdvi", 8, 11 },
        { "q35-vtd", 15, 22 },
        { "rmrr", 15, 22 },
    };

    public void Dispose() => _directory.Delete(recursive: true);

    [Theory]
    [MemberData(nameof(Hosts))]
    [Trait("Requirement", "R1.13")]
    public void A_captured_host_loads_whole(string name, int groups, int devices)
    {
        var host = EmulatedHost.Load(Captures.Host(name));

        Assert.Equal(groups, host.Groups.Count);
        Assert.Equal(devices, host.Devices.Count);
        Assert.Single(host.Units);
    }

    [Theory]
    [MemberData(nameof(Hosts))]
    public void Reading_a_loaded_host_gives_the_files_of_its_archive(string name, int groups, int devices)
    {
        using var kernel = new EmulatedKernel(EmulatedHost.Load(Captures.Host(name)));
        using var archive = new TarReader(new GZipStream(File.OpenRead(Captures.Host(name)), CompressionMode.Decompress));
        var seen = 0;
        while (archive.GetNextEntry() is { } entry)
        {
            var path = entry.Name.Trim('.', '/');
            switch (entry.EntryType)
            {
                case TarEntryType.SymbolicLink:
                    Assert.Equal(entry.LinkName, kernel.ReadLink(entry.Name[2..]).Value);
                    break;
                case TarEntryType.RegularFile:
                    Assert.Equal(entry.DataStream is { } data ? new StreamReader(data).ReadToEnd() : "", kernel.ReadText(entry.Name[2..]).Value);
                    break;
                default:
                    Assert.True(kernel.List(path).IsOk, path);
                    break;
            }

            seen++;
        }

        Assert.True(seen > 400 && groups + devices > 0);
    }

    [Fact]
    [Trait("Requirement", "R1.8")]
    public void Regions_of_a_host_are_those_of_its_files()
    {
        var host = EmulatedHost.Load(Captures.Host("rmrr"));

        Assert.Equal(
            [(ReservedRegionKind.Direct, IovaRange.FromBounds(0xe8000, 0xe8fff)), (ReservedRegionKind.Msi, Rig.MsiWindow)],
            host.Group(2).Reserved.Select(region => (region.Kind, region.Range)));
        Assert.Equal(ReservedRegionKind.DirectRelaxable, host.Group(8).Reserved[0].Kind);
        Assert.Empty(host.Group(14).Reserved);
        Assert.True(host.Group(14).IsEmulated);
    }

    [Fact]
    public void Devices_of_a_host_have_their_drivers_and_bars()
    {
        var host = EmulatedHost.Load(Captures.Host("q35-vtd"));

        Assert.Equal("nvme", host.Device("0000:00:05.0").Driver);
        Assert.Null(host.Device("0000:01:00.0").Driver);
        Assert.Equal(0x20000UL, host.Device("0000:01:00.0").Bars[0].Length);
        Assert.False(host.Device("0000:01:00.0").Bars[2].IsMappable);
        Assert.Equal("mtty", host.Device(Rig.Mediated).Driver);
        Assert.Equal(0, host.Device(Rig.Mediated).VfioIndex);
    }

    [Fact]
    public void A_device_without_a_group_loads_without_one()
    {
        Assert.Null(EmulatedHost.Load(Captures.Host("q35-amdvi")).Device("0000:00:02.0").Group);
    }

    [Theory]
    [InlineData("0x1000 0x0fff msi", "starts at 0x1000, above its last byte 0x0fff")]
    [InlineData("0x0 0x1ffffffffffffffff msi", "past 2^64")]
    [InlineData("0x0 0xfff", "2 fields")]
    [InlineData("0x0 0xfff holy", "\"holy\" is no type")]
    [InlineData("zero 0xfff msi", "no number")]
    public void A_bad_line_is_refused_with_its_place(string line, string wrong)
    {
        Unpack();
        File.WriteAllText(At("kernel/iommu_groups/3/reserved_regions"), $"0x00000000fee00000 0x00000000feefffff msi\n{line}\n");

        var message = Refusal();
        Assert.Contains("kernel/iommu_groups/3/reserved_regions:2", message, StringComparison.Ordinal);
        Assert.Contains(wrong, message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_group_without_its_regions_is_refused()
    {
        Unpack();
        File.Delete(At("kernel/iommu_groups/3/reserved_regions"));
        Assert.Contains("kernel/iommu_groups/3/reserved_regions: is missing", Refusal(), StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Requirement", "R1.17")]
    public void A_mediated_group_needs_no_regions_file()
    {
        Unpack();
        File.Delete(At("kernel/iommu_groups/14/reserved_regions"));
        Assert.Empty(EmulatedHost.Load(_directory.FullName).Group(14).Reserved);
    }

    [Theory]
    [InlineData("kernel/iommu_groups/3/devices/0000:00:06.0")]
    [InlineData("bus/pci/devices/0000:00:06.0")]
    [InlineData("devices/pci0000:00/0000:00:06.0/iommu_group")]
    public void A_dangling_link_is_refused(string link)
    {
        Unpack();
        Relink(link, "../../nowhere/at/all");
        Assert.Contains($"{link}: leads nowhere", Refusal(), StringComparison.Ordinal);
    }

    [Fact]
    public void Links_that_disagree_are_refused()
    {
        Unpack();
        Relink("devices/pci0000:00/0000:00:06.0/iommu_group", "../../../kernel/iommu_groups/4");
        Assert.Contains("does not list 0000:00:06.0", Refusal(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_device_with_a_foreign_name_is_refused()
    {
        Unpack();
        File.CreateSymbolicLink(At("bus/pci/devices/evil;name"), "../../../devices/pci0000:00/0000:00:06.0");
        Assert.Contains("bus/pci/devices/evil;name: is not the name of a pci device", Refusal(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_bad_resource_line_is_refused()
    {
        Unpack();
        File.WriteAllText(At("devices/pci0000:00/0000:00:06.0/resource"), "0x0000000000002000 0x0000000000001000 0x0000000000040200\n");
        Assert.Contains("resource:1: start 0x2000 is above last 0x1000", Refusal(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_truncated_archive_is_refused()
    {
        var path = At("short.tar.gz");
        File.WriteAllBytes(path, File.ReadAllBytes(Captures.Host("q35-vtd"))[..5000]);
        var failure = Assert.Throws<HostLoadException>(() => EmulatedHost.Load(path));
        Assert.StartsWith($"{path}: not a whole tar.gz", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', failure.Message);
    }

    [Fact]
    public void An_entry_that_leaves_the_tree_is_refused()
    {
        var path = At("evil.tar.gz");
        using (var file = File.Create(path))
        using (var zip = new GZipStream(file, CompressionMode.Compress))
        using (var tar = new TarWriter(zip))
        {
            tar.WriteEntry(new PaxTarEntry(TarEntryType.Directory, "kernel/../../etc"));
        }

        Assert.Contains("is not a path below /sys", Assert.Throws<HostLoadException>(() => EmulatedHost.Load(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_directory_without_groups_is_refused() =>
        Assert.Contains("kernel/iommu_groups: is missing", Refusal(), StringComparison.Ordinal);

    [Fact]
    public void A_path_that_is_not_there_is_refused() =>
        Assert.Contains("no such file", Assert.Throws<HostLoadException>(() => EmulatedHost.Load(At("nothing"))).Message, StringComparison.Ordinal);

    private string At(string path) => Path.Combine(_directory.FullName, path);

    private void Unpack()
    {
        using var archive = new GZipStream(File.OpenRead(Captures.Host("q35-vtd")), CompressionMode.Decompress);
        TarFile.ExtractToDirectory(archive, _directory.FullName, overwriteFiles: false);
    }

    private void Relink(string link, string target)
    {
        File.Delete(At(link));
        File.CreateSymbolicLink(At(link), target);
    }

    private string Refusal()
    {
        var message = Assert.Throws<HostLoadException>(() => EmulatedHost.Load(_directory.FullName)).Message;
        Assert.DoesNotContain('\n', message);
        return message;
    }
}
