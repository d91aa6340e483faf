using Vmm.Iommu.Containers;
using Vmm.Iommu.Containers.Type1;
using Vmm.Iommu.Results;
using Vmm.Iommu.Tests.Topology;
using Vmm.Iommu.Topology;
using Vmm.Testing.Emulation;

namespace Vmm.Iommu.Tests.Containers;

public sealed class RefusalFactsTests
{
    [Fact]
    public void A_group_that_is_held_says_by_whom()
    {
        using var rig = new ContainerRig();
        var held = rig.Kernel.OpenElsewhere("/dev/vfio/1", 4711, "qemu-system-x86");
        Assert.False(VfioGroup.TryOpen(rig.Kernel, 1, out _, out var refusal));

        var explained = RefusalFacts.Explain(rig.Kernel.ToHostKernel(), refusal);

        Assert.Equal(Errno.EBUSY, explained.Errno);
        Assert.Contains("/dev/vfio/1 is open in process 4711 (qemu-system-x86)", explained.Words, StringComparison.Ordinal);
        rig.Kernel.Close(held.Descriptor);
    }

    [Theory]
    [InlineData(false, "write Y to /sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts")]
    [InlineData(true, "is Y already")]
    public void Interrupts_that_are_not_isolated_name_the_parameter_and_its_danger(bool isAllowed, string words)
    {
        using var rig = new ContainerRig(options: new EmulatedKernelOptions { AllowUnsafeInterrupts = isAllowed });
        var refusal = new ContainerRefusal("VFIO_SET_IOMMU", "/dev/vfio/1", Errno.EPERM, "Failed to set iommu for container.");

        var explained = RefusalFacts.Explain(rig.Kernel.ToHostKernel(), refusal);

        Assert.Contains(words, explained.Words, StringComparison.Ordinal);
        Assert.StartsWith(refusal.Words, explained.Words, StringComparison.Ordinal);
    }

    [Fact]
    public void A_unit_without_isolation_is_refused_with_the_cure()
    {
        using var rig = new ContainerRig(host => host.Unit("dmar0", isolatedMsi: false).Group(1).Device(ContainerRig.NetworkCard, "vfio-pci"));
        var group = rig.Group(1);
        Assert.False(Type1Container.TryOpen(rig.Kernel, group, out _, out var refusal));

        Assert.Contains("as any device", RefusalFacts.Explain(rig.Kernel.ToHostKernel(), refusal).Words, StringComparison.Ordinal);
        group.Close();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_device_that_its_groups_user_keeps_from_iommufd_says_who_that_is(bool byNode)
    {
        using var rig = new ContainerRig();
        var device = new SysfsTopologyReader(rig.Kernel).Read(1).Devices.First(device => device.Name == ContainerRig.NetworkCard);
        var held = rig.Kernel.OpenElsewhere("/dev/vfio/1", 4711, "qemu-system-x86");
        var refusal = new ContainerRefusal("VFIO_DEVICE_BIND_IOMMUFD", byNode ? $"/dev/vfio/devices/{device.VfioDevice}" : device.Name, Errno.EBUSY, "no.");

        var explained = RefusalFacts.Explain(rig.Kernel.ToHostKernel(), refusal);

        Assert.Contains("/dev/vfio/1 is open in process 4711 (qemu-system-x86)", explained.Words, StringComparison.Ordinal);
        rig.Kernel.Close(held.Descriptor);
    }

    [Fact]
    public void Memory_that_is_short_says_the_limit_unless_there_is_none()
    {
        using var rig = new ContainerRig(options: new EmulatedKernelOptions { MemlockLimit = 65536 });
        var refusal = new ContainerRefusal("VFIO_IOMMU_MAP_DMA", "container 1", Errno.ENOMEM, "no.");
        Assert.Contains("may lock 64 KiB, 0 bytes of it", RefusalFacts.Explain(rig.Kernel.ToHostKernel(), refusal).Words, StringComparison.Ordinal);

        rig.Kernel.Options.HasIpcLock = true;
        Assert.Same(refusal, RefusalFacts.Explain(rig.Kernel.ToHostKernel(), refusal));
    }

    [Fact]
    public void Memory_that_is_short_does_not_say_what_is_taken_where_that_is_unknown()
    {
        using var rig = new ContainerRig();
        var proc = new TextProc { ["self/limits"] = "Max locked memory         65536                65536                bytes\n" };
        var refusal = new ContainerRefusal("VFIO_IOMMU_MAP_DMA", "container 1", Errno.ENOMEM, "no.");

        var explained = RefusalFacts.Explain(rig.Kernel.ToHostKernel() with { Proc = proc }, refusal);

        Assert.Contains($"may lock 64 KiB. {VfioCures.Memlock}", explained.Words, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "bind the group's devices to vfio-pci")]
    [InlineData(13, "MODE=\"0660\"")]
    [InlineData(16, "only one may have it open")]
    [InlineData(1, "CAP_SYS_RAWIO")]
    [InlineData(24, "LimitNOFILE")]
    [InlineData(5, "failed to open")]
    public void A_node_that_does_not_open_has_a_cure(int errno, string words) =>
        Assert.Contains(words, VfioCures.Open("/dev/vfio/6", new Errno(errno)), StringComparison.Ordinal);

    [Theory]
    [InlineData(VfioCures.ContainerNode, 2, "modprobe vfio ")]
    [InlineData(VfioCures.ContainerNode, 19, "modprobe vfio.")]
    [InlineData(VfioCures.IommufdNode, 2, "CONFIG_IOMMUFD")]
    [InlineData(VfioCures.IommufdNode, 13, "SUBSYSTEM==\"misc\"")]
    [InlineData("/dev/vfio/devices/vfio0", 13, "SUBSYSTEM==\"vfio-dev\"")]
    [InlineData("/dev/kvm", 2, "kvm_intel")]
    public void A_cure_is_that_of_the_node(string node, int errno, string words) =>
        Assert.Contains(words, VfioCures.Open(node, new Errno(errno)), StringComparison.Ordinal);
}
