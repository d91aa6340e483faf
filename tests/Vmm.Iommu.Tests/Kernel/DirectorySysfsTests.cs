using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;

namespace Vmm.Iommu.Tests.Kernel;

public sealed class DirectorySysfsTests : IDisposable
{
    private readonly string _outside = Directory.CreateTempSubdirectory("vmm-sysfs-").FullName;
    private readonly DirectorySysfs _sysfs;

    public DirectorySysfsTests()
    {
        var root = Directory.CreateDirectory(Path.Combine(_outside, "sys")).FullName;
        Directory.CreateDirectory(Path.Combine(_outside, "sys-neighbour"));
        File.WriteAllText(Path.Combine(_outside, "secret"), "not in the tree");
        Directory.CreateDirectory(Path.Combine(root, "groups", "10"));
        Directory.CreateDirectory(Path.Combine(root, "groups", "2"));
        File.WriteAllText(Path.Combine(root, "groups", "2", "reserved_regions"), "0x0 0x1 msi\n");
        File.CreateSymbolicLink(Path.Combine(root, "link"), "groups/2");
        File.CreateSymbolicLink(Path.Combine(root, "dangling"), "nowhere");
        File.CreateSymbolicLink(Path.Combine(root, "loop"), "loop");
        _sysfs = new DirectorySysfs(root);
    }

    public void Dispose() => Directory.Delete(_outside, recursive: true);

    [Fact]
    public void Names_come_in_ordinal_order() => Assert.Equal(["10", "2"], _sysfs.List("groups").Value!);

    [Fact]
    public void Links_are_followed_and_can_be_read()
    {
        Assert.Equal(["reserved_regions"], _sysfs.List("link").Value!);
        Assert.Equal("0x0 0x1 msi\n", _sysfs.ReadText("link/reserved_regions").Value);
        Assert.Equal("groups/2", _sysfs.ReadLink("link").Value);
        Assert.Equal("nowhere", _sysfs.ReadLink("dangling").Value);
    }

    [Theory]
    [InlineData("../secret")]
    [InlineData("groups/../../secret")]
    [InlineData("../sys-neighbour")]
    [InlineData("/etc/passwd")]
    [InlineData("..")]
    public void A_path_never_leaves_the_tree(string path)
    {
        Assert.Equal(Errno.ENOENT, _sysfs.ReadText(path).Errno);
        Assert.Equal(Errno.ENOENT, _sysfs.List(path).Errno);
        Assert.Equal(Errno.ENOENT, _sysfs.ReadLink(path).Errno);
        Assert.Equal(Errno.ENOENT, _sysfs.WriteText(path, "x").Errno);
    }

    [Fact]
    public void Dots_inside_the_tree_are_paths_like_others() =>
        Assert.Equal("0x0 0x1 msi\n", _sysfs.ReadText("groups/10/../2/reserved_regions").Value);

    [Theory]
    [InlineData("nothing", 2)]
    [InlineData("dangling", 2)]
    [InlineData("dangling/below", 2)]
    [InlineData("loop/below", 40)]
    [InlineData("groups/2/reserved_regions/below", 20)]
    [InlineData("loop", 40)]
    [InlineData("groups", 21)]
    public void A_read_that_fails_gives_its_errno(string path, int errno) => Assert.Equal(new Errno(errno), _sysfs.ReadText(path).Errno);

    [Theory]
    [InlineData("nothing", 2)]
    [InlineData("groups/2/reserved_regions", 20)]
    [InlineData("dangling", 2)]
    [InlineData("dangling/below", 2)]
    [InlineData("loop", 40)]
    public void A_list_that_fails_gives_its_errno(string path, int errno) => Assert.Equal(new Errno(errno), _sysfs.List(path).Errno);

    [Fact]
    public void What_is_no_link_is_einval_and_what_is_not_there_is_enoent()
    {
        Assert.Equal(Errno.EINVAL, _sysfs.ReadLink("groups").Errno);
        Assert.Equal(Errno.EINVAL, _sysfs.ReadLink("groups/2/reserved_regions").Errno);
        Assert.Equal(Errno.ENOENT, _sysfs.ReadLink("nothing").Errno);
    }

    [Fact]
    public void An_attribute_is_written_and_none_is_made()
    {
        Assert.True(_sysfs.WriteText("groups/2/reserved_regions", "vfio-pci").IsOk);
        Assert.StartsWith("vfio-pci", _sysfs.ReadText("groups/2/reserved_regions").Value, StringComparison.Ordinal);
        Assert.Equal(Errno.ENOENT, _sysfs.WriteText("groups/2/driver_override", "vfio-pci").Errno);
    }
}
