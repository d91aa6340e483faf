using Vmm.Iommu.Addressing;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;

namespace Vmm.Testing.Tests.Emulation;

public sealed class ContainerTests
{
    private static readonly IoctlCode Nonsense = new(0x3b80, "NONSENSE", false);

    /// <summary>Extension, and the answers when empty, with a real group, with type1 on it, with type1 on a mediated group.</summary>
    public static TheoryData<ulong, int, int, int, int> Extensions => new()
    {
        { 0, 0, 0, 0, 0 },
        { VfioUapi.Type1, 1, 1, 1, 1 },
        { 2, 0, 0, 0, 0 },
        { VfioUapi.Type1V2, 1, 1, 1, 1 },
        { VfioUapi.DmaCacheCoherent, 0, 0, 0, 1 },
        { 5, 0, 0, 0, 0 },
        { 6, 0, 0, 0, 0 },
        { 7, 0, 0, 0, 0 },
        { VfioUapi.NoIommu, 0, 0, 0, 0 },
        { VfioUapi.UnmapAll, 1, 1, 1, 1 },
        { VfioUapi.UpdateVaddr, 0, 0, 1, 0 },
        { 11, 0, 0, 0, 0 },
        { ulong.MaxValue, 0, 0, 0, 0 },
    };

    /// <summary>What SET_IOMMU answers with a real group in the container.</summary>
    public static TheoryData<ulong, int> Types => new()
    {
        { 0, 19 }, { 1, 0 }, { 2, 19 }, { 3, 0 }, { 4, 19 }, { 5, 19 }, { 6, 19 }, { 7, 19 }, { 8, 19 }, { 9, 22 }, { 10, 19 }, { 11, 19 },
    };

    [Fact]
    public void The_first_run_of_a_client_works_to_the_end()
    {
        using var rig = new Rig();
        var (container, groups) = rig.Ready(1);
        Assert.Equal(3u, rig.Status(groups[0]));
        Assert.Equal([IovaRange.FromBounds(0, 0xfedf_ffff), IovaRange.FromBounds(0xfef0_0000, 0xffff_ffff_ffff)], rig.Windows(container)!);

        var memory = rig.Memory(0x10000);
        Assert.Equal(Errno.None, rig.Map(container, Rig.ReadWrite, memory, 0x100000, 0x10000));
        Assert.True(rig.Kernel.DmaWrite(Rig.NetworkCard, new(0x100ff0), "hello"u8).IsCompleted);
        Assert.Equal("hello"u8, Rig.Bytes(memory + 0xff0, 5));
        Assert.Equal((Errno.None, 0x10000UL), rig.Unmap(container, 0, 0x100000, 0x10000));
        Assert.Equal(VfioUapi.ApiVersion, Rig.Good(rig.Kernel.Ioctl(container, VfioUapi.GetApiVersion, 0UL)).Value);
    }

    [Theory]
    [MemberData(nameof(Extensions))]
    public void Extensions_are_answered_by_state(ulong extension, int empty, int withGroup, int withBackend, int mediated)
    {
        using var rig = new Rig();
        var container = rig.Container();
        Assert.Equal(empty, rig.Extension(container, extension));
        Assert.Equal(Errno.None, rig.SetContainer(rig.Group(1), container));
        Assert.Equal(withGroup, rig.Extension(container, extension));
        Assert.Equal(Errno.None, rig.SetIommu(container, VfioUapi.Type1V2));
        Assert.Equal(withBackend, rig.Extension(container, extension));
        Assert.Equal(mediated, rig.Extension(rig.Ready(7).Container, extension));
    }

    [Fact]
    public void Coherency_needs_every_domain()
    {
        using var rig = new Rig();
        rig.Host.Unit("dmar0").EnforcesCoherency = true;
        Assert.Equal(1, rig.Extension(rig.Ready(1).Container, VfioUapi.DmaCacheCoherent));
    }

    [Fact]
    [Trait("Requirement", "R1.1")]
    public void A_kernel_without_version_2_says_so_and_opens_version_1()
    {
        using var rig = new Rig(options: new() { HasType1V2 = false });
        var container = rig.Container();
        Assert.Equal((1L, 0L), (rig.Extension(container, VfioUapi.Type1), rig.Extension(container, VfioUapi.Type1V2)));
        Assert.Equal(Errno.None, rig.SetContainer(rig.Group(1), container));
        Assert.Equal(Errno.ENODEV, rig.SetIommu(container, VfioUapi.Type1V2));
        Assert.Equal(Errno.None, rig.SetIommu(container, VfioUapi.Type1));
        Assert.Equal((1L, 0L), (rig.Extension(container, VfioUapi.Type1), rig.Extension(container, VfioUapi.Type1V2)));
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Set_iommu_answers_by_type(ulong type, int errno)
    {
        using var rig = new Rig();
        var container = rig.Container();
        Assert.Equal(Errno.EINVAL, rig.SetIommu(container, type));
        Assert.Equal(Errno.None, rig.SetContainer(rig.Group(1), container));
        Assert.Equal(errno, rig.SetIommu(container, type).Number);
        Assert.Equal(errno == 0 ? 22 : 0, rig.SetIommu(container, VfioUapi.Type1).Number);
    }

    [Fact]
    public void An_unknown_request_is_EINVAL_without_a_backend_and_ENOTTY_with_one()
    {
        using var rig = new Rig();
        var container = rig.Container();
        Assert.Equal(Errno.EINVAL, rig.Kernel.Ioctl(container, Nonsense, 0UL).Errno);
        Assert.Equal(Errno.EINVAL, rig.Map(container, Rig.ReadWrite, 0, 0, 0x1000));
        Assert.Equal(Errno.None, rig.SetContainer(rig.Group(1), container));
        Assert.Equal(Errno.EINVAL, rig.Kernel.Ioctl(container, Nonsense, 0UL).Errno);
        Assert.Equal(Errno.None, rig.SetIommu(container, VfioUapi.Type1V2));
        Assert.Equal(Errno.ENOTTY, rig.Kernel.Ioctl(container, Nonsense, 0UL).Errno);
    }

    [Fact]
    public void An_empty_container_can_be_used_again_with_another_type()
    {
        using var rig = new Rig();
        var (container, groups) = rig.ReadyAs(VfioUapi.Type1V2, 1);
        var memory = rig.Memory(0x1000);
        Assert.Equal(Errno.None, rig.Map(container, Rig.ReadWrite, memory, 0, 0x1000));
        Assert.Equal(Errno.None, rig.UnsetContainer(groups[0]));
        Assert.Equal(Errno.EINVAL, rig.Kernel.Ioctl(container, VfioUapi.IommuGetInfo, Rig.Struct(24)).Errno);
        Assert.Equal(0UL, rig.Kernel.Census().PinnedPages);

        Assert.Equal(Errno.None, rig.SetContainer(groups[0], container));
        Assert.Equal(Errno.None, rig.SetIommu(container, VfioUapi.Type1));
        Assert.Equal((Errno.None, 0UL), rig.Unmap(container, 0, 0, 0x1000));
    }

    [Fact]
    public void A_container_without_isolated_interrupts_is_EPERM_and_stays_without_backend()
    {
        using var rig = new Rig(host => host.Unit("dmar0", isolatedMsi: false).Group(1).Device(Rig.NetworkCard, "vfio-pci"));
        var container = rig.Container();
        Assert.Equal(Errno.None, rig.SetContainer(rig.Group(1), container));
        Assert.Equal(Errno.EPERM, rig.SetIommu(container, VfioUapi.Type1V2));
        Assert.Equal(1, rig.Kernel.Census().AttachedGroups);
        rig.Kernel.Options.AllowUnsafeInterrupts = true;
        Assert.Equal(Errno.None, rig.SetIommu(container, VfioUapi.Type1V2));
    }

    [Fact]
    public void A_closed_container_lives_on_through_its_groups()
    {
        using var rig = new Rig();
        var (container, groups) = rig.Ready(1);
        var memory = rig.Memory(0x1000);
        Assert.Equal(Errno.None, rig.Map(container, Rig.ReadWrite, memory, 0, 0x1000));
        Rig.Good(rig.Kernel.Close(container));

        Assert.Equal([1], rig.Kernel.Census().Mappings);
        Assert.True(rig.Device(groups[0], Rig.NetworkCard).IsOk);
        Assert.True(rig.Kernel.DmaWrite(Rig.NetworkCard, new(0), "x"u8).IsCompleted);
    }

    [Fact]
    public void A_descriptor_that_is_not_open_is_EBADF()
    {
        using var rig = new Rig();
        Assert.Equal(Errno.EBADF, rig.Kernel.Ioctl(9999, VfioUapi.GetApiVersion, 0UL).Errno);
        var container = rig.Container();
        Rig.Good(rig.Kernel.Close(container));
        Assert.Equal(Errno.EBADF, rig.Kernel.Ioctl(container, VfioUapi.GetApiVersion, 0UL).Errno);
        Assert.Equal(Errno.EBADF, rig.Kernel.Close(container).Errno);
        Assert.Equal(Errno.ENOTTY, rig.Kernel.Ioctl(Rig.Good(rig.Kernel.CreateEvent()).Descriptor, VfioUapi.GetApiVersion, 0UL).Errno);
    }

    [Theory]
    [InlineData("/dev/vfio/99")]
    [InlineData("/dev/vfio/devices/vfio9")]
    [InlineData("/dev/vfio/-1")]
    [InlineData("/etc/passwd")]
    public void A_node_that_is_not_there_is_ENOENT(string path)
    {
        using var rig = new Rig();
        Assert.Equal(Errno.ENOENT, rig.Kernel.Open(path).Errno);
    }
}
