using Vmm.Iommu.Containers;
using Vmm.Iommu.Results;
using Vmm.Testing.Emulation;

namespace Vmm.Iommu.Tests.Containers;

public sealed class HostProbeTests
{
    [Fact]
    public void A_host_with_a_device_bound_to_vfio_can_assign_it_by_its_group()
    {
        using var rig = new ContainerRig();

        var report = HostProbe.Query(rig.Kernel.ToHostKernel());
        var type1 = Path(report, "type1");

        Assert.True(type1.IsOpen, string.Join(' ', type1.Missing));
        Assert.Equal([ContainerRig.NetworkCard, ContainerRig.Disk, ContainerRig.Mediated], type1.Devices);
        Assert.Equal(0, report.ApiVersion.Value);
        Assert.True(report.Extensions.Single(extension => extension.Name == "type1v2").IsThere);
        Assert.True(report.Extensions.Single(extension => extension.Name == "UNMAP_ALL").IsThere);
        Assert.False(report.Extensions.Single(extension => extension.Name == "sPAPR TCE").IsThere);
        Assert.Equal(["dmar0"], report.Iommus);
        Assert.Equal(65535u, report.Parameters.DmaEntryLimit);
    }

    [Fact]
    public void A_probe_leaves_nothing_and_can_be_made_again()
    {
        using var rig = new ContainerRig();
        HostProbe.Query(rig.Kernel.ToHostKernel());
        Assert.True(rig.Kernel.Census().IsEmpty);
        Assert.True(Path(HostProbe.Query(rig.Kernel.ToHostKernel()), "type1").IsOpen);
    }

    [Fact]
    public void A_group_that_is_held_is_no_obstacle_to_others_and_says_by_whom()
    {
        using var rig = new ContainerRig();
        var held = rig.Kernel.OpenElsewhere("/dev/vfio/1", 4711, "qemu-system-x86");

        var report = HostProbe.Query(rig.Kernel.ToHostKernel());

        var group = report.GroupNodes.Single(node => node.Number == 1);
        Assert.Equal(Errno.EBUSY, group.Node.Errno);
        Assert.Contains("process 4711 (qemu-system-x86)", group.Node.Cure, StringComparison.Ordinal);
        Assert.DoesNotContain(ContainerRig.NetworkCard, Path(report, "type1").Devices);
        Assert.True(Path(report, "type1").IsOpen);
        rig.Kernel.Close(held.Descriptor);
    }

    [Fact]
    public void A_group_that_is_not_viable_names_who_is_in_the_way_and_the_hint()
    {
        using var rig = new ContainerRig(host => host.Group(1).Device(ContainerRig.NetworkCard, "vfio-pci").Device("0000:01:00.1", "e1000e"));

        var type1 = Path(HostProbe.Query(rig.Kernel.ToHostKernel()), "type1");

        Assert.False(type1.IsOpen);
        var missing = Assert.Single(type1.Missing);
        Assert.Contains("group 1 is not viable: 0000:01:00.1 (e1000e). Please ensure all devices", missing, StringComparison.Ordinal);
    }

    [Fact]
    public void A_host_without_an_iommu_says_where_to_switch_it_on()
    {
        using var rig = new ContainerRig(host => host.Unit("dmar0"));
        var type1 = Path(HostProbe.Query(rig.Kernel.ToHostKernel()), "type1");
        Assert.Contains(type1.Missing, words => words.Contains("intel_iommu=on", StringComparison.Ordinal));
    }

    [Fact]
    public void A_host_without_a_bound_device_says_how_to_bind_one()
    {
        using var rig = new ContainerRig(host => host.Group(1).Device(ContainerRig.NetworkCard, "e1000e"));
        var type1 = Path(HostProbe.Query(rig.Kernel.ToHostKernel()), "type1");
        Assert.Contains(type1.Missing, words => words.Contains("modprobe vfio-pci", StringComparison.Ordinal));
    }

    [Fact]
    public void Memory_of_a_vm_that_may_not_be_locked_closes_the_path()
    {
        using var rig = new ContainerRig(options: new EmulatedKernelOptions { MemlockLimit = 8 << 20 });
        var report = HostProbe.Query(rig.Kernel.ToHostKernel());

        Assert.True(Path(report, "type1").IsOpen);
        var type1 = Path(report, "type1", memory: 4UL << 30);

        Assert.False(type1.IsOpen);
        Assert.Contains("RLIMIT_MEMLOCK", Assert.Single(type1.Missing), StringComparison.Ordinal);
        rig.Kernel.Options.HasIpcLock = true;
        Assert.True(Path(HostProbe.Query(rig.Kernel.ToHostKernel()), "type1", memory: 4UL << 30).IsOpen);
    }

    [Fact]
    public void A_device_without_an_iommu_is_shown_by_its_own_path_alone()
    {
        using var rig = new ContainerRig();
        var noIommu = Path(HostProbe.Query(rig.Kernel.ToHostKernel()), "noiommu");
        Assert.False(noIommu.IsOpen);
        Assert.Contains("enable_unsafe_noiommu_mode is N", Assert.Single(noIommu.Missing), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "ENOENT")]
    [InlineData(13, "EACCES")]
    [InlineData(24, "EMFILE")]
    public void A_node_that_does_not_open_is_missing_with_its_errno(int errno, string name)
    {
        using var rig = new ContainerRig();
        var report = HostProbe.Query(rig.Kernel.ToHostKernel()) with
        {
            Container = new NodeAnswer(VfioCures.ContainerNode, new Errno(errno), VfioCures.Open(VfioCures.ContainerNode, new Errno(errno))),
        };

        var missing = Path(report, "type1").Missing[0];

        Assert.StartsWith($"/dev/vfio/vfio: {name} ", missing, StringComparison.Ordinal);
        Assert.NotEmpty(missing.Split(": ", 3)[2]);
    }

    private static AssignmentPath Path(HostReport report, string name, UInt128? memory = null) =>
        AssignmentPath.Of(report, memory).Single(path => path.Name == name);
}
