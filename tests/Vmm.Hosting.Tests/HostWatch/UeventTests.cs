using System.Text;
using Vmm.Hosting.HostWatch;

namespace Vmm.Hosting.Tests.HostWatch;

public sealed class UeventTests
{
    [Theory]
    [InlineData("add@/devices/pci0000:00/0000:00:05.0\0ACTION=add\0SUBSYSTEM=pci\0", "add", "/devices/pci0000:00/0000:00:05.0", true)]
    [InlineData("unbind@/devices/x\0SUBSYSTEM=pci\0SEQNUM=7\0", "unbind", "/devices/x", true)]
    [InlineData("add@/devices/virtual/vfio/3\0SUBSYSTEM=vfio\0", "add", "/devices/virtual/vfio/3", true)]
    [InlineData("remove@/devices/x/vfio-dev/vfio0\0SUBSYSTEM=vfio-dev\0", "remove", "/devices/x/vfio-dev/vfio0", true)]
    [InlineData("change@/devices/virtual/mtty/mtty\0SUBSYSTEM=mtty\0MDEV_STATE=registered\0", "change", "/devices/virtual/mtty/mtty", true)]
    [InlineData("change@/devices/virtual/block/loop0\0SUBSYSTEM=block\0", "change", "/devices/virtual/block/loop0", false)]
    [InlineData("add@/module/x\0ACTION=add\0", "add", "/module/x", false)]
    public void A_datagram_says_what_happened_where_and_whether_groups_are_touched(string text, string action, string path, bool touches)
    {
        Assert.True(Uevent.TryParse(Encoding.UTF8.GetBytes(text), out var uevent));

        Assert.Equal((action, path, touches), (uevent.Action, uevent.Path, uevent.TouchesGroups));
    }

    [Theory]
    [InlineData("")]
    [InlineData("libudev\0")]
    [InlineData("@/devices/x\0SUBSYSTEM=pci\0")]
    public void A_datagram_that_is_not_the_kernels_is_left_alone(string text) =>
        Assert.False(Uevent.TryParse(Encoding.UTF8.GetBytes(text), out _));
}
