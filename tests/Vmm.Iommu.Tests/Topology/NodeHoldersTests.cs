using Vmm.Iommu.Topology;

namespace Vmm.Iommu.Tests.Topology;

public sealed class NodeHoldersTests
{
    private const string Node = "/dev/vfio/6";

    [Fact]
    public void Who_has_the_node_open_is_named()
    {
        var proc = new TextProc
        {
            ["self"] = "99",
            ["4711/comm"] = "qemu-system-x86\n",
            ["4711/fd/12"] = Node,
            ["12/comm"] = "init\n",
            ["12/fd/0"] = "/dev/null",
            ["99/comm"] = "vmm\n",
            ["99/fd/3"] = Node,
        };

        var holders = NodeHolders.Of(proc, Node);

        Assert.Equal([new NodeHolder(99, "vmm", true), new NodeHolder(4711, "qemu-system-x86", false)], holders.Open);
        Assert.Equal("/dev/vfio/6 is open in this process (99, vmm), process 4711 (qemu-system-x86): end that first.", holders.Words);
    }

    [Fact]
    public void A_device_holds_its_group_after_the_node_is_closed()
    {
        var proc = new TextProc { ["4711/comm"] = "qemu\n", ["4711/fd/13"] = "anon_inode:[vfio-device]" };
        Assert.Contains("process 4711 (qemu) has VFIO devices open", NodeHolders.Of(proc, Node).Words, StringComparison.Ordinal);
    }

    [Fact]
    public void Descriptors_that_are_hidden_are_counted()
    {
        var proc = new TextProc { ["4711/comm"] = "qemu\n" };
        proc.Close("4711/fd");
        proc.Close("4712/fd");

        var holders = NodeHolders.Of(proc, Node);

        Assert.Equal(2, holders.Hidden);
        Assert.Contains("2 processes hide their descriptors", holders.Words, StringComparison.Ordinal);
        Assert.Contains("lsof /dev/vfio/6", holders.Words, StringComparison.Ordinal);
    }

    [Fact]
    public void Nobody_in_sight_may_be_in_another_container() =>
        Assert.Contains("other containers", NodeHolders.Of(new TextProc(), Node).Words, StringComparison.Ordinal);
}
