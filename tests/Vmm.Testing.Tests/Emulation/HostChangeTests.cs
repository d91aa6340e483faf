using System.Text;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Results;
using Vmm.Testing.Emulation;

namespace Vmm.Testing.Tests.Emulation;

public sealed class HostChangeTests : IDisposable
{
    private const string Late = "0000:01:00.1";
    private const string LatePath = "/devices/pci0000:01/0000:01:00.1";
    private const string PciKeys = "PCI_CLASS=20000|PCI_ID=1234:11E8|PCI_SUBSYS_ID=1AF4:1100|PCI_SLOT_NAME=0000:01:00.1|";
    private const string Modalias = "MODALIAS=pci:v00001234d000011E8sv00001AF4sd00001100bc02sc00i00|";
    private readonly Rig _rig = new(host => host
        .Group(1).Device(Rig.NetworkCard, "vfio-pci").Msi()
        .Group(2).Device(Rig.Disk, "nvme").Msi());

    public void Dispose() => _rig.Dispose();

    [Fact]
    [Trait("Requirement", "R0.12")]
    [Trait("Requirement", "R0.18")]
    public void A_device_that_joins_a_live_group_uses_its_mappings_and_loses_its_driver_silently()
    {
        var (container, _) = _rig.Ready(1);
        Assert.Equal(Errno.None, _rig.Map(container, Rig.ReadWrite, _rig.Memory(0x1000), 0, 0x1000));
        var events = Rig.Good(_rig.Kernel.Listen()).Descriptor;

        var device = _rig.Host.AddDevice(new PciDeviceSpec(Late) { Driver = "e1000e" }, 1);
        Assert.Null(device.Driver);
        Assert.True(_rig.Kernel.DmaWrite(Late, new(0), "x"u8).IsCompleted);
        Assert.Equal([$"add@{LatePath}|ACTION=add|DEVPATH={LatePath}|SUBSYSTEM=pci|{PciKeys}{Modalias}"], Events(events));
        Assert.Contains(Late, _rig.Kernel.List("kernel/iommu_groups/1/devices").Value!);
    }

    [Fact]
    [Trait("Requirement", "R0.13")]
    [Trait("Requirement", "R0.21")]
    public void Regions_of_a_late_device_show_in_sysfs_and_not_in_the_container()
    {
        var (container, _) = _rig.Ready(1);
        var before = _rig.Windows(container);
        _rig.Host.AddDevice(new PciDeviceSpec(Late) { Reserved = [Rig.Region(ReservedRegionKind.Reserved, 0x1000_0000, 0x1fff_ffff)] }, 1);
        Assert.Equal(
            "0x0000000010000000 0x000000001fffffff reserved\n0x00000000fee00000 0x00000000feefffff msi\n",
            _rig.Kernel.ReadText("kernel/iommu_groups/1/reserved_regions").Value);
        Assert.Equal(before, _rig.Windows(container));
        Rig.Good(_rig.Host.RemoveDevice(Late));
        Assert.Equal("0x00000000fee00000 0x00000000feefffff msi\n", _rig.Kernel.ReadText("kernel/iommu_groups/1/reserved_regions").Value);
    }

    [Fact]
    [Trait("Requirement", "R0.13")]
    public void A_late_device_that_needs_firmwares_mapping_is_left_without_a_group()
    {
        _rig.Ready(1);
        var spec = new PciDeviceSpec(Late) { Reserved = [Rig.Region(ReservedRegionKind.Direct, 0xe8000, 0xe8fff)] };
        Assert.Null(_rig.Host.AddDevice(spec, 1).Group);
        Assert.Equal(DmaFault.NoGroup, _rig.Kernel.DmaWrite(Late, new(0), "x"u8).Fault);
        Assert.Equal(Errno.EINVAL, _rig.Host.BindDriver(Late, "vfio-pci").Errno);
        Assert.Equal(Errno.ENOENT, _rig.Kernel.ReadLink(LatePath[1..] + "/iommu_group").Errno);
    }

    [Fact]
    [Trait("Requirement", "R0.19")]
    public void A_native_driver_cannot_bind_into_a_live_group_and_nothing_is_heard_of_it()
    {
        _rig.Host.AddDevice(new PciDeviceSpec(Late), 1);
        _rig.Ready(1);
        var events = Rig.Good(_rig.Kernel.Listen()).Descriptor;
        Assert.Equal(Errno.EBUSY, _rig.Host.BindDriver(Late, "e1000e").Errno);
        Assert.Empty(Events(events));
        Rig.Good(_rig.Host.BindDriver(Late, "vfio-pci"));
        Assert.Equal(["add vfio-dev", "bind pci"], Short(events));
    }

    [Fact]
    public void Binding_and_unbinding_vfio_is_heard_in_the_kernels_order_and_bytes()
    {
        _rig.Host.AddDevice(new PciDeviceSpec(Late), 5);
        var events = Rig.Good(_rig.Kernel.Listen()).Descriptor;
        Rig.Good(_rig.Host.BindToVfio(Late));
        Rig.Good(_rig.Host.UnbindDriver(Late));

        const string Group = "ACTION={0}|DEVPATH=/devices/virtual/vfio/5|SUBSYSTEM=vfio|MAJOR=247|MINOR=1|DEVNAME=vfio/5|";
        const string Device = "ACTION={0}|DEVPATH=" + LatePath + "/vfio-dev/vfio1|SUBSYSTEM=vfio-dev|MAJOR=246|MINOR=1|DEVNAME=vfio/devices/vfio1|";
        Assert.Equal(
            [
                "add@/devices/virtual/vfio/5|" + Group.Replace("{0}", "add"),
                $"add@{LatePath}/vfio-dev/vfio1|" + Device.Replace("{0}", "add"),
                $"bind@{LatePath}|ACTION=bind|DEVPATH={LatePath}|SUBSYSTEM=pci|DRIVER=vfio-pci|{PciKeys}{Modalias}",
                $"remove@{LatePath}/vfio-dev/vfio1|" + Device.Replace("{0}", "remove"),
                "remove@/devices/virtual/vfio/5|" + Group.Replace("{0}", "remove"),
                $"unbind@{LatePath}|ACTION=unbind|DEVPATH={LatePath}|SUBSYSTEM=pci|{PciKeys}",
            ],
            Events(events));
    }

    [Fact]
    public void A_pulled_device_is_heard_from_the_inside_out()
    {
        _rig.Host.AddDevice(new PciDeviceSpec(Late) { Driver = "vfio-pci" }, 5);
        var events = Rig.Good(_rig.Kernel.Listen()).Descriptor;
        Rig.Good(_rig.Host.RemoveDevice(Late));
        Assert.Equal(["remove vfio-dev", "remove vfio", "unbind pci", "remove pci"], Short(events));
        Assert.False(_rig.Host.TryGroup(5, out _));
        Assert.Equal(Errno.ENOENT, _rig.Kernel.List("kernel/iommu_groups/5").Errno);
        Assert.Equal(Errno.ENODEV, _rig.Host.RemoveDevice(Late).Errno);
    }

    [Fact]
    public void A_mediated_device_comes_and_goes_with_a_group_of_its_own()
    {
        var events = Rig.Good(_rig.Kernel.Listen()).Descriptor;
        var device = _rig.Host.AddMediatedDevice(Rig.Mediated, "mtty");
        Assert.Equal(0, device.Group!.Id);
        Assert.Equal("unknown\n", _rig.Kernel.ReadText("kernel/iommu_groups/0/type").Value);
        Assert.Equal("", _rig.Kernel.ReadText("kernel/iommu_groups/0/reserved_regions").Value);
        Assert.Equal("vfio-noiommu\n", _rig.Kernel.ReadText("kernel/iommu_groups/0/name").Value);
        Rig.Good(_rig.Host.RemoveDevice(Rig.Mediated));
        Assert.Equal(
            ["add mdev", "add vfio", "add vfio-dev", "bind mdev", "remove vfio-dev", "remove vfio", "unbind mdev", "remove mdev"],
            Short(events));
    }

    [Fact]
    [Trait("Requirement", "R0.15")]
    public void A_listener_that_is_too_slow_is_told_once_and_starts_over_when_it_has_read_all()
    {
        _rig.Kernel.Options.UeventQueueLength = 2;
        var events = Rig.Good(_rig.Kernel.Listen()).Descriptor;
        _rig.Host.AddDevice(new PciDeviceSpec(Late), 5);
        Rig.Good(_rig.Host.BindToVfio(Late));
        var buffer = new byte[4096];
        Assert.Equal(Errno.ENOBUFS, _rig.Kernel.Receive(events, buffer).Errno);
        Assert.Equal(["add pci", "add vfio"], Short(events));
        Assert.Equal(Errno.EAGAIN, _rig.Kernel.Receive(events, buffer).Errno);
        Rig.Good(_rig.Host.RemoveDevice(Late));
        Assert.Equal(Errno.ENOBUFS, _rig.Kernel.Receive(events, buffer).Errno);
        Assert.Equal(["remove vfio-dev", "remove vfio"], Short(events));
    }

    [Fact]
    public void Sysfs_writes_bind_as_a_user_does()
    {
        const string Path = "bus/pci/devices/" + Rig.Disk;
        Assert.Equal("(null)\n", _rig.Kernel.ReadText(Path + "/driver_override").Value);
        Assert.Equal(Errno.ENODEV, _rig.Kernel.WriteText("bus/pci/drivers/vfio-pci/bind", Rig.Disk).Errno);
        Rig.Good(_rig.Kernel.WriteText(Path + "/driver_override", "vfio-pci\n"));
        Assert.Equal("vfio-pci\n", _rig.Kernel.ReadText(Path + "/driver_override").Value);
        Assert.Equal(Errno.EBUSY, _rig.Kernel.WriteText("bus/pci/drivers/vfio-pci/bind", Rig.Disk + "\n").Errno);
        Assert.Equal(Errno.ENODEV, _rig.Kernel.WriteText("bus/pci/drivers/vfio-pci/unbind", Rig.Disk).Errno);
        Rig.Good(_rig.Kernel.WriteText("bus/pci/drivers/nvme/unbind", Rig.Disk));
        Assert.Equal(Errno.ENOENT, _rig.Kernel.ReadLink(Path + "/driver").Errno);
        Rig.Good(_rig.Kernel.WriteText("bus/pci/drivers_probe", Rig.Disk + "\n"));
        Assert.EndsWith("bus/pci/drivers/vfio-pci", _rig.Kernel.ReadLink(Path + "/driver").Value, StringComparison.Ordinal);
        Assert.Equal("MAJOR=247\nMINOR=1\nDEVNAME=vfio/2\n", _rig.Kernel.ReadText("class/vfio/2/uevent").Value);
        Assert.StartsWith("DRIVER=vfio-pci\nPCI_CLASS=20000\n", _rig.Kernel.ReadText(Path + "/uevent").Value, StringComparison.Ordinal);

        Rig.Good(_rig.Kernel.WriteText("bus/pci/drivers/vfio-pci/unbind", Rig.Disk));
        Rig.Good(_rig.Kernel.WriteText(Path + "/driver_override", "\n"));
        Rig.Good(_rig.Kernel.WriteText("bus/pci/drivers_probe", Rig.Disk));
        Assert.Equal("nvme", _rig.Host.Device(Rig.Disk).Driver);
        Assert.Equal(Errno.ENOENT, _rig.Kernel.List("class/vfio/2").Errno);
    }

    [Fact]
    public void Sysfs_answers_wrong_paths_with_the_errno_of_the_call()
    {
        Assert.Equal(Errno.ENODEV, _rig.Kernel.WriteText("bus/pci/drivers_probe", "0000:99:00.0").Errno);
        Assert.Equal(Errno.EACCES, _rig.Kernel.ReadText("bus/pci/drivers_probe").Errno);
        Assert.Equal(Errno.EACCES, _rig.Kernel.WriteText("kernel/iommu_groups/1/reserved_regions", "x").Errno);
        Assert.Equal(Errno.ENOENT, _rig.Kernel.WriteText("bus/pci/drivers/nothing/bind", Rig.Disk).Errno);
        Assert.Equal(Errno.ENOENT, _rig.Kernel.ReadText("../etc/passwd").Errno);
        Assert.Equal(Errno.ENOENT, _rig.Kernel.ReadText("/etc/passwd").Errno);
        Assert.Equal(Errno.ENOTDIR, _rig.Kernel.List("kernel/iommu_groups/1/type").Errno);
        Assert.Equal(Errno.EISDIR, _rig.Kernel.ReadText("kernel/iommu_groups").Errno);
        Assert.Equal(Errno.EINVAL, _rig.Kernel.ReadLink("kernel/iommu_groups").Errno);
        Assert.Equal(["0000:01:00.0"], _rig.Kernel.List("class/iommu/dmar0/devices/../../dmar0/devices").Value!.Where(name => name == Rig.NetworkCard));
    }

    [Fact]
    public void A_probe_that_the_live_group_refuses_is_EINVAL()
    {
        _rig.Host.AddDevice(new PciDeviceSpec(Late) { Driver = "e1000e" }, 1);
        Rig.Good(_rig.Host.UnbindDriver(Late));
        _rig.Ready(1);
        Assert.Equal(Errno.EINVAL, _rig.Kernel.WriteText("bus/pci/drivers_probe", Late).Errno);
        Assert.Equal(Errno.EBUSY, _rig.Kernel.WriteText("bus/pci/drivers/e1000e/bind", Late).Errno);
    }

    /// <summary>The events that wait, with bars for zero bytes and without their sequence numbers.</summary>
    private List<string> Events(int descriptor)
    {
        var found = new List<string>();
        var buffer = new byte[4096];
        while (_rig.Kernel.Receive(descriptor, buffer) is { IsOk: true } received)
        {
            var text = Encoding.UTF8.GetString(buffer, 0, (int)received.Value).Replace('\0', '|');
            var end = text.LastIndexOf("SEQNUM=", StringComparison.Ordinal);
            Assert.True(end > 0 && text.EndsWith('|'), text);
            found.Add(text[..end]);
        }

        return found;
    }

    private List<string> Short(int descriptor) =>
        [.. Events(descriptor).Select(text => $"{text[..text.IndexOf('@')]} {text.Split("SUBSYSTEM=")[1].Split('|')[0]}")];
}
