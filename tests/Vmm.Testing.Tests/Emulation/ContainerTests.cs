using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;

namespace Vmm.Testing.Tests.Emulation;

public sealed class ContainerTests
{
    [Fact]
    public void The_first_run_of_a_client_works_to_the_end()
    {
        using var rig = new Rig();
        var (container, groups) = rig.Ready(1);
        Assert.Equal(3u, rig.Status(groups[0]));
        Assert.Equal([Iommu.Addressing.IovaRange.FromBounds(0, 0xfedf_ffff), Iommu.Addressing.IovaRange.FromBounds(0xfef0_0000, 0xffff_ffff_ffff)], rig.Windows(container)!);

        var memory = rig.Memory(0x10000);
        Assert.Equal(Errno.None, rig.Map(container, Rig.ReadWrite, memory, 0x100000, 0x10000));
        Assert.True(rig.Kernel.DmaWrite(Rig.NetworkCard, new(0x100ff0), "hello"u8).IsCompleted);
        Assert.Equal("hello"u8, Rig.Bytes(memory + 0xff0, 5));
        Assert.Equal((Errno.None, 0x10000UL), rig.Unmap(container, 0, 0x100000, 0x10000));
        Assert.Equal(VfioUapi.ApiVersion, Rig.Good(rig.Kernel.Ioctl(container, VfioUapi.GetApiVersion, 0UL)).Value);
    }
}
